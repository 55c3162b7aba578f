/** How the API of a cluster is reached at this moment, and what proves who asks. */
export interface Access {
  /** Without a final slash; its path stands before that of each request. */
  readonly server: string
  /** PEM; null for the usual authorities. */
  readonly ca: string | null
  /** Name that the server has to prove; null for the one in its URL. */
  readonly serverName: string | null
  readonly certificate: string | null
  readonly key: string | null
  /** Bearer token. */
  readonly token: string | null
  /** Milliseconds since 1970 when it has to be read anew, whatever the API says; null for never. */
  readonly expiresAt: number | null
}

/** Where access comes from. */
export interface AccessSource {
  /**
   * Reads it anew, because files and credentials change while the gateway runs.
   *
   * @param refused The API did not take the credentials of the last one: nothing that was kept is to be given again.
   * @throws Error With a sentence for the operator, without what the files hold.
   */
  read(refused: boolean): Promise<Access>
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * The server as requests need it.
 *
 * @throws Error For what is no address of an API, and for plain HTTP to another machine.
 */
export function serverOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.search + url.hash !== ''
  ) {
    throw new Error('the server is not a plain http or https URL')
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new Error('the server is reached by http: only https is, except on this machine')
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}
