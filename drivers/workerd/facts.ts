/**
 * What the operator tells the invokers: for each organization, the origin of each of its functions, or null while it
 * does not run. A function that is not there has no file.
 */
export interface WorkerdFacts {
  readonly functions: Readonly<Record<string, Readonly<Record<string, string | null>>>>
}
