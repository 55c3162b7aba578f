/** What a driver makes of the name of each deployment: once, with its first call. Holds as many as are configured. */
export class ByName<Value extends {}> {
  readonly #make: (name: string) => Value
  readonly #made = new Map<string, Value>()

  constructor(make: (name: string) => Value) {
    this.#make = make
  }

  get(name: string): Value {
    let value = this.#made.get(name)
    if (value === undefined) {
      value = this.#make(name)
      this.#made.set(name, value)
    }
    return value
  }
}
