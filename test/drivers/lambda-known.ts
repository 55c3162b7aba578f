import { createHash } from 'node:crypto'
import { REGION } from './lambda-words.ts'

/** What a request of the API says, as far as the stand-in reads it; each kind of request has some of these. */
export interface Body {
  readonly FunctionName?: string
  readonly Code?: { readonly ImageUri: string }
  readonly ImageUri?: string
  readonly MemorySize?: number
  readonly Timeout?: number
  readonly Role?: string
  readonly Environment?: { readonly Variables: Record<string, string> }
  readonly Tags?: Readonly<Record<string, string>>
  readonly Name?: string
  readonly FunctionVersion?: string
  readonly ReservedConcurrentExecutions?: number
  readonly ProvisionedConcurrentExecutions?: number
}

/** A function as the API of the stand-in knows it. */
export class KnownFunction {
  readonly name: string
  readonly arn: string
  image: string | null = null
  memoryMb = 128
  timeoutS = 3
  role = 'arn:aws:iam::123456789012:role/f'
  variables: Record<string, string> = {}
  tags: Record<string, string> = {}
  reserved: number | null
  state: 'Pending' | 'Active' | 'Failed' = 'Active'
  update: 'InProgress' | 'Successful' | 'Failed' = 'Successful'
  /** Looks at it until what goes on is over, and what it then ends with; null for a success. */
  looks = 0
  failure: string | null = null
  versions = 0
  /** Version of each alias. */
  readonly aliases = new Map<string, string>()
  readonly provisioned = new Map<string, { readonly wanted: number; ready: number }>()

  constructor(name: string, reserved: number | null) {
    this.name = name
    this.arn = `arn:aws:lambda:${REGION}:123456789012:function:${name}`
    this.reserved = reserved
  }

  has(qualifier: string | null): boolean {
    if (qualifier === null || qualifier === '$LATEST' || this.aliases.has(qualifier)) return true
    return Number(qualifier) >= 1 && Number(qualifier) <= this.versions
  }

  configure({ MemorySize, Timeout, Role, Environment }: Body): void {
    this.memoryMb = MemorySize ?? this.memoryMb
    this.timeoutS = Timeout ?? this.timeoutS
    this.role = Role ?? this.role
    this.variables = Environment?.Variables ?? this.variables
  }

  /** GetFunctionConfiguration: what goes on goes on by a step. */
  look(): object {
    if (this.looks > 0) this.looks--
    else {
      if (this.state === 'Pending') this.state = this.failure === null ? 'Active' : 'Failed'
      if (this.update === 'InProgress') this.update = this.failure === null ? 'Successful' : 'Failed'
    }
    return this.configuration()
  }

  configuration() {
    return {
      FunctionName: this.name,
      FunctionArn: this.arn,
      ...(this.image === null ? { Runtime: 'nodejs22.x', PackageType: 'Zip' } : { PackageType: 'Image' }),
      Role: this.role,
      MemorySize: this.memoryMb,
      Timeout: this.timeoutS,
      CodeSha256: createHash('sha256').update(String(this.image)).digest('base64'),
      Environment: { Variables: this.variables },
      State: this.state,
      ...(this.state === 'Pending' && { StateReason: 'The function is being created.' }),
      ...(this.state === 'Failed' && { StateReason: this.failure }),
      LastUpdateStatus: this.update,
      ...(this.update === 'Failed' && { LastUpdateStatusReason: this.failure }),
      LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${this.name}` },
    }
  }

  /** GetFunction. */
  details(): object {
    return {
      Configuration: this.configuration(),
      Code: this.image === null ? { RepositoryType: 'S3' } : { ImageUri: this.image, RepositoryType: 'ECR' },
      Tags: this.tags,
      ...(this.reserved !== null && { Concurrency: { ReservedConcurrentExecutions: this.reserved } }),
    }
  }

  /** As ListFunctions has it, which does not tell how a function is. */
  listed(): object {
    const { State, StateReason, LastUpdateStatus, ...rest } = this.configuration()
    return rest
  }
}
