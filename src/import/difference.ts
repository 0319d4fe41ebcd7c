/** Where a line differs from what is stored: only keys that the line gives are compared, and never credentials. */

export const organizationFields = ['name', 'twoFactorRequired', 'smsAllowed', 'smsCountries'] as const;
export const userFields = ['organization', 'name', 'email', 'role', 'phoneNumber', 'smsEnabled'] as const;

type Value = string | boolean | null | readonly string[];

/** @returns the names of the fields that differ; lists are compared without their order */
export function differingFields<Field extends string>(
  stored: Readonly<Record<Field, Value>>,
  given: Readonly<Partial<Record<Field, Value | undefined>>>,
  fields: readonly Field[],
): readonly Field[] {
  return fields.filter((field) => {
    const value = given[field];
    return value !== undefined && comparable(value) !== comparable(stored[field]);
  });
}

function comparable(value: Value): string {
  return JSON.stringify(typeof value === 'object' && value !== null ? [...value].sort() : value);
}
