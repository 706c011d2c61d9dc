import openapiTS, {astToString, COMMENT_HEADER} from 'openapi-typescript'
import {expect, test} from 'vitest'
import document from '../../../internal/openapi/openapi.json?raw'
import types from './schema.ts?raw'

test('the types are those of the OpenAPI document: run npm run generate', async () => {
  expect(COMMENT_HEADER + astToString(await openapiTS(document))).toBe(types)
})
