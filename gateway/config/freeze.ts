/** Freezes plain data to its last leaf. What is shared by several owners is frozen once. */
export function freeze<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data)) return data
  Object.freeze(data)
  for (const value of Object.values(data)) freeze(value)
  return data
}
