/** What package-lock.json says of a package, for the scripts that look at it. */

/** @param location where npm puts it: `node_modules/a/node_modules/@b/c` is `@b/c` */
export const nameOf = (location) => location.replace(/^.*node_modules\//, '');

/** @returns the packages of a lock file as pairs of location and entry, without the project itself */
export const packagesOf = (lock) => Object.entries(lock.packages).filter(([location]) => location !== '');

/** What `npm ci --omit=dev --omit=optional` installs: npm keeps a dependency that is both (devOptional) unless both are left out. */
export const isInProduction = ({ dev, optional, devOptional }) => !dev && !optional && !devOptional;
