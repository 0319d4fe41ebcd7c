/** What the address of Organization > People asks for. What it does not know, it leaves out. */
import { z } from 'zod';

export const filters = {
  active: 'Active',
  'not-enrolled': 'No authenticator',
  'no-number': 'No mobile number',
  inactive: 'Not signed in for 30 days',
  'owners-without-codes': 'Owners without recovery codes',
  'one-phone-only': 'One phone is the only way in',
  deactivated: 'Deactivated',
  all: 'Everybody',
} as const;

export type Filter = keyof typeof filters;
export const sorts = ['name', 'role', 'enrolled', 'last-sign-in'] as const;
export type Sort = (typeof sorts)[number];

export type PeopleQuery = {
  /** A part of the name, the username or the e-mail address. */
  readonly q: string;
  readonly filter: Filter;
  readonly sort: Sort;
  readonly isDescending: boolean;
  /** From 1. */
  readonly page: number;
};

const filterNames = z.enum([
  'active',
  'not-enrolled',
  'no-number',
  'inactive',
  'owners-without-codes',
  'one-phone-only',
  'deactivated',
  'all',
]);
const asked = z.object({
  q: z.string().max(100).catch(''),
  filter: filterNames.catch('active'),
  sort: z
    .string()
    .regex(/^-?(name|role|enrolled|last-sign-in)$/)
    .catch('name'),
  page: z.coerce.number().int().min(1).max(1_000_000).catch(1),
});

export function readPeopleQuery(query: unknown): PeopleQuery {
  const { q, filter, sort, page } = asked.parse(typeof query === 'object' && query ? { ...query } : {});
  const isDescending = sort.startsWith('-');
  const name = sorts.find((known) => known === sort.replace(/^-/, '')) ?? 'name';
  return { q: q.replace(/\p{Cc}|\p{Cs}/gu, '').trim(), filter, sort: name, isDescending, page };
}

/** As the address has it: with a hyphen before it when it goes down. */
export function sortName({ sort, isDescending }: Pick<PeopleQuery, 'sort' | 'isDescending'>): string {
  return `${isDescending ? '-' : ''}${sort}`;
}

/** The address of the same list, with some of it changed. */
export function peopleAddress(query: PeopleQuery, change: Partial<PeopleQuery> = {}): string {
  const { q, filter, sort, isDescending, page } = { ...query, ...change };
  const given = new URLSearchParams();
  if (q !== '') given.set('q', q);
  if (filter !== 'active') given.set('filter', filter);
  if (sort !== 'name' || isDescending) given.set('sort', sortName({ sort, isDescending }));
  if (page !== 1) given.set('page', String(page));
  return given.size > 0 ? `/organization/people?${given.toString()}` : '/organization/people';
}
