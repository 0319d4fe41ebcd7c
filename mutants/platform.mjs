/** The files of src/platform that decide something, and can do so without a server, a database or a file. */
export const platform = [
  'calendar',
  'client-address',
  'csv',
  'encryption',
  'forms',
  'gate',
  'keyring',
  'phone-number',
  'secret-keys',
  'visible-text',
  'wording',
];
