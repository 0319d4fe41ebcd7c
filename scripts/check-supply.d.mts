export function faultsOfLock(manifest: object, lock: object): string[];
export function faultsOfBill(manifest: object, lock: object, bill: object): string[];
