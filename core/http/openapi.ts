/** The description of an API in the form that its tools read (OpenAPI 3.1), made from the same declarations that serve it. */
import type { Call } from './api.js';

export interface ApiDescription {
  readonly title: string;
  readonly version: string;
  readonly needsToken: boolean;
}

const replySchema = {
  type: 'object',
  required: ['message', 'is_error', 'data'],
  properties: {
    message: { type: 'string' },
    is_error: { type: 'integer', enum: [0, 1], description: '1 when the call did not do what was asked, whatever the HTTP status' },
    data: { type: ['object', 'array'] },
  },
};

const jsonReply = (description: string): object => ({ description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Reply' } } } });

/** `/blocklist/check/:name` → `/blocklist/check/{name}` */
const template = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

function parametersOf({ path, query = {} }: Call): object[] {
  return [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(query).map(([name, description]) => ({ name, in: 'query', required: false, description, schema: { type: 'string' } })),
  ];
}

const operationOf = (call: Call): object => ({
  operationId: `${call.method.toLowerCase()}${call.path.replace(/\W+/g, '_')}`,
  summary: call.summary,
  tags: [call.plugin],
  parameters: parametersOf(call),
  responses: { 200: jsonReply('Done, or is_error 1 and why not.'), default: jsonReply('A mistake of the caller (4xx) or of the server (5xx).') },
});

/** The whole document. */
export function describeApi(calls: readonly Call[], { title, version, needsToken }: ApiDescription): object {
  const paths = new Map<string, Record<string, object>>();
  for (const call of calls) {
    const path = template(call.path);
    paths.set(path, { ...paths.get(path), [call.method.toLowerCase()]: operationOf(call) });
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    ...(needsToken && { security: [{ token: [] }] }),
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Reply: replySchema },
      ...(needsToken && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}
