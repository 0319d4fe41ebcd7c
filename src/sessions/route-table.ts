/** Every route of the application with what it declares. */
import { Inject, Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type RouteDeclaration, routeDeclarationKey } from './open-to.js';

export type Route = { readonly method: string; readonly path: string; readonly declaration: RouteDeclaration | undefined };

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- Nest's own type of a controller's class
type ControllerClass = Function;

@Injectable()
export class RouteTable implements OnModuleInit {
  routes: readonly Route[] = [];
  private memberPages: ReadonlySet<string> = new Set();

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    this.routes = this.discovery.getControllers().flatMap(({ metatype }) => (metatype ? this.routesOf(metatype) : []));
    const pages = this.routes.filter(
      ({ method, path, declaration }) => method === 'GET' && !path.includes(':') && isForMembersAlone(declaration),
    );
    this.memberPages = new Set(pages.map(({ path }) => path));
  }

  /** Whether a GET of this path shows a page of signed-in members. */
  isMemberPage(path: string): boolean {
    return this.memberPages.has(path);
  }

  private routesOf(controller: ControllerClass): Route[] {
    const prefix = this.reflector.get<string>(PATH_METADATA, controller);
    const prototype: unknown = controller.prototype;
    if (typeof prototype !== 'object' || !prototype) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler: unknown = Reflect.get(prototype, name);
      if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
      const method = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))] ?? '';
      const path = `/${[prefix, String(Reflect.getMetadata(PATH_METADATA, handler))]
        .map((part) => part.replace(/^\/|\/$/g, ''))
        .filter(Boolean)
        .join('/')}`;
      return [{ method, path, declaration: this.reflector.get<RouteDeclaration | undefined>(routeDeclarationKey, handler) }];
    });
  }
}

function isForMembersAlone(declaration: RouteDeclaration | undefined): boolean {
  return declaration?.stages.length === 1 && declaration.stages[0] === 'signedIn';
}
