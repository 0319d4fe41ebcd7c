import { causeOfStatus, outcomeOfReceipt, providerIdForm } from './vonage-status.js';

describe('an answer of Vonage other than 0', () => {
  it.each([
    ['1', 'throttled', 'later'],
    ['2', 'a parameter is missing', 'ours'],
    ['3', 'a parameter is invalid', 'ours'],
    ['4', 'wrong credentials', 'ours'],
    ['5', 'internal error', 'later'],
    ['6', 'the message cannot be processed', 'number'],
    ['7', 'the number is barred', 'number'],
    ['8', 'the account is suspended', 'ours'],
    ['9', 'no credit', 'ours'],
    ['10', 'too many connections', 'later'],
    ['11', 'the account may not use the API', 'ours'],
    ['12', 'too long', 'ours'],
    ['14', 'invalid signature', 'ours'],
    ['15', 'invalid sender', 'ours'],
    ['22', 'unknown network code', 'ours'],
    ['23', 'invalid callback address', 'ours'],
    ['29', 'the number is not on the list of a trial account', 'ours'],
    ['32', 'signature and secret together', 'ours'],
    ['33', 'the number is not in use any more', 'number'],
  ])('%s, %s, means: %s', (status, _, cause) => {
    expect(causeOfStatus(status)).toBe(cause);
  });

  it.each(['13', '99', '', 'constructor', '__proto__', 'toString'])('that nobody documented, such as %p, means: later', (status) => {
    expect(causeOfStatus(status)).toBe('later');
  });
});

describe('the name of a message', () => {
  it.each(['0C000000217B7F02', 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab', 'a'.repeat(64)])('may be %p', (name) => {
    expect(name).toMatch(providerIdForm);
  });

  it.each(['', 'a'.repeat(65), '0C00 0000', '../0C', '0C\n', '"0C'])('is not %j', (name) => {
    expect(name).not.toMatch(providerIdForm);
  });
});

describe('a receipt', () => {
  it.each([
    ['delivered', 'DELIVERED'],
    ['expired', 'UNDELIVERED'],
    ['failed', 'UNDELIVERED'],
    ['rejected', 'UNDELIVERED'],
    ['deleted', 'UNDELIVERED'],
    ['accepted', undefined],
    ['buffered', undefined],
    ['unknown', undefined],
    ['DELIVERED', undefined],
    ['', undefined],
  ])('of %p says %p', (status, outcome) => {
    expect(outcomeOfReceipt(status)).toBe(outcome);
  });
});
