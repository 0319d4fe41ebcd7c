import { isSafeToSend, mailboxOf } from './mail-fields.js';

describe('the fields of a mail', () => {
  const subject = 'Your phone number was changed';
  it.each(['olga@acme.test', "o'hara+door@sub.acme.test", 'Ólga@bücher.test'])('takes the address %s', (to) => {
    expect(isSafeToSend({ to, subject })).toBe(true);
  });

  it.each([
    'olga@acme.test\r\nBcc: eve@evil.test',
    'olga@acme.test\n',
    'olga@acme.test,eve@evil.test',
    'olga@acme.test;eve@evil.test',
    'olga@acme.test eve@evil.test',
    'Eve <eve@evil.test>',
    '"olga"@acme.test',
    'olga@acme.test@evil.test',
    'olga@acme.test\u0000',
    'olga',
    '',
  ])('refuses the address %j', (to) => {
    expect(isSafeToSend({ to, subject })).toBe(false);
  });

  it.each(['Hello\r\nBcc: eve@evil.test', 'Hello\n', 'Hello\r', 'Hello\u0000', 'Hello\u2028there'])('refuses the subject %j', (broken) => {
    expect(isSafeToSend({ to: 'olga@acme.test', subject: broken })).toBe(false);
  });

  it.each([
    ['door@example.com', '', 'door@example.com'],
    ['Gatehouse <door@example.com>', 'Gatehouse', 'door@example.com'],
    ['Acme, Inc. <door@example.com>', 'Acme, Inc.', 'door@example.com'],
    ['"Acme, Inc." <door@example.com>', 'Acme, Inc.', 'door@example.com'],
    ['Acme "the door" <door@example.com>', 'Acme "the door"', 'door@example.com'],
    ['"Acme" Inc. <door@example.com>', '"Acme" Inc.', 'door@example.com'],
    ['<a@example.com> Acme <door@example.com>', '', '<a@example.com> Acme <door@example.com>'],
    ['Acme <door@example.com> or so', '', 'Acme <door@example.com> or so'],
  ])('reads the sender %s', (from, name, address) => {
    expect(mailboxOf(from)).toEqual({ name, address });
  });
});
