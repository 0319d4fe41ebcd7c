import { setupForm } from '../auth/setup.form.js';
import { parseForm } from '../platform/forms.js';
import { detailsForm } from '../users/details.form.js';
import { acceptForm } from './invitation.form.js';

const password = 'seven quiet herons wading';
const stored = { email: null, phoneNumber: null };
const forms = {
  'the set-up page': {
    schema: setupForm,
    fields: { organizationName: 'Acme', name: 'Olga', username: 'olga', email: 'olga@acme.test', password },
  },
  'an invitation': { schema: acceptForm, fields: { name: 'Olga', username: 'olga', password } },
  'the profile': { schema: detailsForm({ country: 'NL', stored }), fields: { name: 'Olga', email: 'olga@acme.test' } },
};
const named = ['organizationName', 'name', 'username', 'email'];
const cases = Object.entries(forms).flatMap(([page, { schema, fields }]) =>
  Object.entries(fields).flatMap(([field, value]) =>
    named.includes(field) ? [{ page, field, schema, fields: { ...fields, [field]: `${value}\u200b` } }] : [],
  ),
);

describe('nobody looks like somebody else by characters that nobody sees', () => {
  it.each(cases)('$field on $page', ({ schema, fields, field }) => {
    expect(parseForm(schema, fields)).toMatchObject({ ok: false, errors: [{ field }] });
  });
});
