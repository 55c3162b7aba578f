/** An action, also one in a package. */
const NAME = /^(?:[A-Za-z0-9_][\w @.&-]{0,255}\/)?[A-Za-z0-9_][\w @.&-]{0,255}$/

/** @throws Error With a sentence for the operator for what the platform would take for something else. */
export function checkActionName(name: string): void {
  if (NAME.test(name) && !/ (?:\/|$)/.test(name)) return
  throw new Error(`${JSON.stringify(name)} is no action of OpenWhisk: ACTION or PACKAGE/ACTION`)
}

/** @throws Error With a sentence for the operator, without the key. */
export function checkKey(key: string): void {
  if (!/^[^:]+:[^:]+$/.test(key)) throw new Error('apiKey is not of the form NAME:SECRET')
}

/** Each part as it stands in a path. */
export function actionPath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
