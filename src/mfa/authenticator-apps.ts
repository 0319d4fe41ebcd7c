/** The authenticator apps that the pages name, and where to get them. */

export const authenticatorApps = [
  {
    name: 'Microsoft Authenticator',
    googlePlay: 'https://play.google.com/store/apps/details?id=com.azure.authenticator',
    appStore: 'https://apps.apple.com/app/microsoft-authenticator/id983156458',
  },
  {
    name: 'Google Authenticator',
    googlePlay: 'https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2',
    appStore: 'https://apps.apple.com/app/google-authenticator/id388497605',
  },
  {
    name: 'Authy',
    googlePlay: 'https://play.google.com/store/apps/details?id=com.authy.authy',
    appStore: 'https://apps.apple.com/app/twilio-authy/id494168017',
  },
] as const;
