/** What plugins of ours run for. */
export const HTTP_PROTOCOLS = ['http', 'https'] as const
