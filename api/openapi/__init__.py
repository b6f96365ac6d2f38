"""The OpenAPI document: operations, schemas, examples and TypeScript types, from the same declarations."""
