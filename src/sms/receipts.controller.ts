/** Vonage's delivery receipts: what became of a message, signed; nobody is signed in here. */
import { Body, Controller, HttpCode, HttpException, Inject, Post } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { OpenToSignedPosts } from '../sessions/open-to.js';
import { isSigned, type SignedParameters } from './domain/receipt-signature.js';
import { outcomeOfReceipt } from './domain/vonage-status.js';
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

  /** 204 for whatever is signed: Vonage sends again for a day what is answered otherwise. */
  @Post()
  @HttpCode(204)
  @OpenToSignedPosts()
  async record(@Body() body: unknown): Promise<void> {
    if (this.secret === undefined) throw new HttpException('no receipts', 404);
    const read = parameters.safeParse(body);
    if (!read.success || !isSigned(read.data, this.secret, this.clock.now())) {
      this.log.security('sms receipt refused', { hasSignature: read.data?.['sig'] !== undefined });
      throw new HttpException('not signed', 403);
    }
    await this.recordSigned(read.data);
  }

  private async recordSigned(given: SignedParameters): Promise<void> {
    const receipt = outcomeOfReceipt(given['status'] ?? '');
    if (!receipt) return;
    const ours = clientRef.safeParse(given['client-ref']);
    const message = ours.success ? { id: ours.data } : { providerId: given['messageId'] ?? '' };
    const isNews = await this.messages.recordReceipt(message, receipt);
    if (isNews && receipt === 'UNDELIVERED') this.log.info('sms not delivered', { code: given['err-code'], status: given['status'] });
  }
}
