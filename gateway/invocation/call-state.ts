/**
 * Where a call stands. `waiting`: for a free slot. `answered`: the whole answer is handed to the lane, its last byte not
 * yet to the system. `upgraded`: it has become a WebSocket.
 */
export type CallState =
  | 'access'
  | 'body'
  | 'waiting'
  | 'invoking'
  | 'relaying'
  | 'upgraded'
  | 'answered'
  | 'over'
