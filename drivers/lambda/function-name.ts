/** Name, `name:qualifier`, partial or full ARN, as in the service model of 2015-03-31. */
const FUNCTION =
  /^(?:arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z]{2,}(?:-[a-z]+)+-\d):)?(?:\d{12}:)?(?:function:)?[a-zA-Z0-9_-]{1,64}(?::(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9_-]{1,128}))?$/

/**
 * Refuses a name that Lambda would not take, and a full ARN of another region than the one that is signed for.
 *
 * @throws Error With a sentence for the operator.
 */
export function checkFunctionName(name: string, region: string): void {
  const match = FUNCTION.exec(name)
  if (match === null) {
    throw new Error(
      `${JSON.stringify(name)} is not the name of a Lambda function: NAME, NAME:ALIAS, NAME:VERSION or an ARN`,
    )
  }
  const named = match.groups?.['region']
  if (named !== undefined && named !== region) {
    throw new Error(`the function is in ${named}, the backend in ${region}`)
  }
}

/** `https://lambda.eu-central-1.amazonaws.com`; China has a domain of its own. */
export function regionalEndpoint(region: string): string {
  return `https://lambda.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}
