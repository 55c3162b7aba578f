import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

const CLIENT = { id: 'app', secret: 'the secret of the application' }
const SCOPES = ['fn:invoke', 'fn:read']

/** A certified OpenID provider (oidc-provider) on this machine, for one application and any resource. */
export class OpenIdProvider {
  /** Requests for the key set so far. */
  fetches = 0
  readonly #server: Server
  #listener: RequestListener = () => assert.fail('it has no keys yet')

  private constructor() {
    this.#server = createServer((request, response) => {
      if (request.url === '/jwks') this.fetches++
      this.#listener(request, response)
    })
  }

  static async open(...privateKeys: object[]): Promise<OpenIdProvider> {
    const provider = new OpenIdProvider()
    await new Promise<void>((listening) => provider.#server.listen(0, '127.0.0.1', listening))
    provider.restart(...privateKeys)
    return provider
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Begins anew with other keys; the first one signs. */
  restart(...privateKeys: object[]): void {
    this.#listener = new Provider(this.issuer, settings(privateKeys)).callback()
  }

  /** An access token by the client credentials grant; opaque without a resource. */
  async token(resource: string | null, scope = 'fn:invoke'): Promise<string> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      ...(resource && { resource }),
    })
    const authorization = `Basic ${btoa(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret)}`)}`
    const answer = await fetch(`${this.issuer}/token`, { method: 'POST', body, headers: { authorization } })
    const { access_token: token, ...rest } = (await answer.json()) as { access_token?: string }
    assert.ok(token !== undefined, JSON.stringify(rest))
    return token
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}

function settings(keys: object[]): object {
  return {
    jwks: { keys },
    scopes: SCOPES,
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        scope: SCOPES.join(' '),
      },
    ],
    extraTokenClaims: () => ({ org: 'acme' }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, audience: string) => ({
          audience,
          scope: SCOPES.join(' '),
          accessTokenFormat: 'jwt',
          accessTokenTTL: 60,
        }),
      },
    },
  }
}
