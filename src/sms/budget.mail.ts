import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';

type Budget = { readonly percent: 80 | 100; readonly used: number; readonly budget: number; readonly again: Date; readonly door: string };

export function budgetMail({ percent, used, budget, again, door }: Budget): MailContent {
  const isUsedUp = percent === 100;
  return {
    subject: isUsedUp ? 'This month’s messages by SMS are used up' : `${percent} % of this month’s messages by SMS are used`,
    paragraphs: [
      isUsedUp
        ? `No more codes go out by SMS before ${dateAndTime(again)}. Members sign in with their authenticator app, as ever.`
        : 'When the budget is used up, no more codes go out by SMS until the next month. The authenticator app goes on working.',
      'If more messages are needed, set a higher budget on the configuration page. If you did not expect so many, look at the table there: somebody may be having messages sent on purpose.',
    ],
    facts: [{ label: 'Messages this month', value: `${used} of ${budget}` }],
    link: { href: `${door}/organization/configuration`, text: 'Open the configuration' },
  };
}
