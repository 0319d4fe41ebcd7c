/** Vonage's delivery receipts: what became of a message, signed; nobody is signed in here. */
import { Body, Controller, Get, Header, HttpCode, HttpException, Inject, Post } from '@nestjs/common';
import { z } from 'zod';
import { ClientAddress } from '../platform/client-address.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { OpenToEveryone, OpenToSignedPosts } from '../sessions/open-to.js';
import { isSigned, type SignedParameters } from './domain/receipt-signature.js';
import { outcomeOfReceipt, providerIdForm } from './domain/vonage-status.js';
import { SmsMessageStore } from './sms-message.store.js';

const parameters = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const clientRef = z.uuid();

@Controller('sms/receipts')
export class ReceiptsController {
  private readonly secret: string | undefined;

  constructor(
    @Inject(SmsMessageStore) private readonly messages: SmsMessageStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) { config }: Settings,
  ) {
    this.secret = config.SMS_PROVIDER === 'vonage' ? config.VONAGE_SIGNATURE_SECRET : undefined;
  }

  /** Vonage takes an address for its receipts only where something answers 200. */
  @Get()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @OpenToEveryone()
  show(): string {
    this.requireSecret();
    return 'Delivery receipts are posted here.';
  }

  /** 204 for whatever is signed: Vonage sends again what is answered otherwise. */
  @Post()
  @HttpCode(204)
  @OpenToSignedPosts()
  async record(@Body() body: unknown, @ClientAddress() address: string): Promise<void> {
    const secret = this.requireSecret();
    const read = parameters.safeParse(body);
    if (!read.success || !isSigned(read.data, secret, this.clock.now())) {
      this.log.security('sms receipt refused', { address, hasSignature: read.data?.['sig'] !== undefined });
      throw new HttpException('not signed', 403);
    }
    await this.recordSigned(read.data);
  }

  private requireSecret(): string {
    if (this.secret === undefined) throw new HttpException('no receipts', 404);
    return this.secret;
  }

  private async recordSigned(given: SignedParameters): Promise<void> {
    const receipt = outcomeOfReceipt(given['status'] ?? '');
    if (!receipt) return;
    const id = clientRef.safeParse(given['client-ref']).data;
    const providerId = z.string().regex(providerIdForm).safeParse(given['messageId']).data;
    const isNews = await this.messages.recordReceipt({ id, providerId }, receipt);
    if (!isNews || receipt === 'DELIVERED') return;
    this.log.info('sms not delivered', { message: id, status: given['status'], code: given['err-code'] });
  }
}
