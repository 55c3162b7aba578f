import { dirname } from 'node:path'
import { facts } from '../deployment-facts.ts'
import { WorkerdBackend } from '../workerd-backend.ts'
import { processIn } from './process-in.ts'

// A gateway that does nothing but run functions; tells where and waits to be killed.
const backend = new WorkerdBackend({ directory: process.argv[2]! }, [facts('hello')])
await backend.operator.open()
const socket = backend.address('hello')!.slice('unix:'.length)
console.log(JSON.stringify({ socket, pid: processIn(dirname(socket)) }))
