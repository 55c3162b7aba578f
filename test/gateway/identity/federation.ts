import type { IssuerConfig, JwksConfig } from '../../../gateway/config/schema.ts'
import { type Authenticator, createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { JwksSources } from '../../../gateway/identity/jwks-sources.ts'
import type { KeyFeed } from '../../../gateway/identity/key-feed.ts'
import { ANYBODY, bearing, identityConfig, issuerConfig, LogBook, NOW } from './fixture.ts'
import { jwksConfig, KeyServer } from './key-server.ts'

/** An issuer that publishes keys, the main thread that fetches them, and threads that verify with them. */
export class Federation {
  /** Their clock, in milliseconds. */
  now = NOW
  readonly server: KeyServer
  readonly sources: JwksSources

  private constructor(server: KeyServer) {
    this.server = server
    this.sources = new JwksSources(new LogBook(), () => this.now)
  }

  static async found(...keys: object[]): Promise<Federation> {
    return new Federation(await KeyServer.open(...keys))
  }

  issuer(jwks: Partial<JwksConfig> = {}, settings: Partial<IssuerConfig> = {}): IssuerConfig {
    const published = jwksConfig(this.server.url, jwks)
    return issuerConfig({ jwks: published, algorithms: ['RS256', 'ES256'], ...settings })
  }

  /** A thread that trusts these issuers. */
  thread(issuers: IssuerConfig[] = [this.issuer()], feed: KeyFeed = this.sources): Authenticator {
    return createAuthenticator(identityConfig({ issuers }), feed, { clock: () => this.now })
  }

  async close(): Promise<void> {
    await this.sources.close()
    await this.server.close()
  }
}

export function send(thread: Authenticator, text: string) {
  return thread.authenticate(bearing(text), ANYBODY)
}
