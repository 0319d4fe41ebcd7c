/** What the router really answers, whatever any table says. */
import type { Door } from './door.js';

export type RouterRoute = { readonly method: string; readonly path: string };

export function routerRoutes(door: Door): readonly RouterRoute[] {
  const layers = door.app.getHttpAdapter().getInstance().router.stack as unknown as {
    route?: { path: string; methods: Record<string, boolean> };
  }[];
  return layers.flatMap(({ route }) =>
    route ? Object.keys(route.methods).map((method) => ({ method: method.toUpperCase(), path: route.path })) : [],
  );
}
