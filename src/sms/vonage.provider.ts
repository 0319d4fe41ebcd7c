/** Vonage's SMS API, by its official SDK. One call a message: nothing is sent again by itself. */
import { Auth } from '@vonage/auth';
import { type Sms, SmsProvider, type SmsReport } from './sms-provider.js';
import { readAnswer, readError } from './vonage-answer.js';
import { VonageClient } from './vonage-client.js';

export type VonageAccount = {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly from: string;
  /** undefined: Vonage's own */
  readonly baseUrl: string | undefined;
  readonly wantsReceipts: boolean;
};

export class VonageProvider extends SmsProvider {
  private readonly client: VonageClient;

  constructor(private readonly account: VonageAccount) {
    super();
    const { apiKey, apiSecret, baseUrl } = account;
    this.client = new VonageClient(new Auth({ apiKey, apiSecret }), baseUrl ? { restHost: baseUrl } : {});
  }

  async send({ id, to, text }: Sms): Promise<SmsReport> {
    const { from, wantsReceipts } = this.account;
    try {
      // Vonage writes E.164 without the plus sign.
      return readAnswer(await this.client.send({ from, to: to.slice(1), text, clientRef: id, statusReportReq: wantsReceipts }));
    } catch (error) {
      return readError(error);
    }
  }
}
