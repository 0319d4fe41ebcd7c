/** `gatehouse audit verify`: whether the record of what happened is whole. */
import { AuditVerification } from '../audit/audit-verification.service.js';
import { loadConfig } from '../platform/config.js';
import { type Command, UsageError } from './command.js';
import { withApplication } from './with-application.js';

export const auditCommand: Command = {
  name: 'audit',
  positionals: ['verify'],
  summary: 'walks the audit of every organization and names the first record that was changed, moved or removed',
  async run({ positionals: [what], environment }) {
    if (what !== 'verify') throw new UsageError('usage: gatehouse audit verify [--json]');
    const verified = await withApplication(loadConfig(environment), (app) => app.get(AuditVerification).verify());
    const { organizations, records, broken } = verified;
    if (!broken) return { json: verified, text: `${records} records of ${organizations} chains are whole` };
    process.stderr.write(`gatehouse: the audit of ${broken.organization} is broken at record ${broken.position}: ${broken.what}\n`);
    return { json: verified, exitCode: 1 };
  },
};
