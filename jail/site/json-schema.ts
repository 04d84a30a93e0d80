/** The JSON Schemas (draft 2020-12) of the two files, for editors. */
import { z } from 'zod';
import { siteSchema, wanSchema } from './schema.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** `site` and `wan`: what may stand in such a file. What it means together with the rest is more than a schema can say. */
export const jsonSchemas = (): Readonly<Record<'site' | 'wan', JsonSchema>> => ({ site: toJson(siteSchema('site.yml')), wan: toJson(wanSchema) });

const toJson = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    // Words are read as text; an editor knows a number where it sees one.
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'integer' && typeof jsonSchema.default === 'string') jsonSchema.default = Number(jsonSchema.default);
    },
  });
