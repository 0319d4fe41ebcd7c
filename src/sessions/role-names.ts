import type { Role } from './visit.js';

export const roleNames: Readonly<Record<Role, string>> = { OWNER: 'Owner', ADMIN: 'Administrator', AGENT: 'Agent' };
