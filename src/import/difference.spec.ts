import { differingFields, organizationFields, userFields } from './difference.js';

const acme = { name: 'Acme', twoFactorRequired: true, smsAllowed: false, smsCountries: ['NL', 'BE'] };
const olga = { organization: 'acme', name: 'Olga', email: null, role: 'OWNER', phoneNumber: '+31612345678', smsEnabled: true };

describe('where a line differs from what is stored', () => {
  it('names the fields', () => {
    expect(differingFields(acme, { ...acme, name: 'ACME', smsAllowed: true }, organizationFields)).toEqual(['name', 'smsAllowed']);
    expect(differingFields(olga, { ...olga, email: 'olga@acme.test', organization: 'beta' }, userFields)).toEqual([
      'organization',
      'email',
    ]);
  });

  it('looks only at what the line gives', () => {
    expect(differingFields(olga, { organization: 'acme', name: 'Olga', role: 'OWNER' }, userFields)).toEqual([]);
    expect(differingFields(acme, { smsCountries: undefined }, organizationFields)).toEqual([]);
  });

  it('does not mind the order of countries', () => {
    expect(differingFields(acme, { smsCountries: ['BE', 'NL'] }, organizationFields)).toEqual([]);
    expect(differingFields(acme, { smsCountries: ['BE'] }, organizationFields)).toEqual(['smsCountries']);
  });
});
