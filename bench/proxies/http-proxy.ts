import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { serveBench } from '../support/child.ts'

/** The baseline of the budgets: `@fastify/http-proxy` as it comes. It checks nothing. */
const [upstream = ''] = process.argv.slice(2)
const app = Fastify()
app.register(proxy, { upstream })
serveBench(await app.listen({ host: '127.0.0.1', port: 0 }))
