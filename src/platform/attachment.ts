/**
 * What goes with a request, an answer or a connection, and ends with it: a property under a name that nobody else has. A WeakMap
 * would do the same, but what is in one is kept from the collection of young objects: under load, time and memory go there.
 */
export class Attachment<Value> {
  private readonly key = Symbol('attachment');

  get(owner: object): Value | undefined {
    return Reflect.get(owner, this.key) as Value | undefined;
  }

  set(owner: object, value: Value): void {
    Reflect.set(owner, this.key, value);
  }
}
