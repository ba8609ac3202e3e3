'use strict';
const { z } = require('zod');

const Item = z.object({ name: z.string() });

exports.handler = async (event) => ({
  statusCode: 200,
  body: JSON.stringify(Item.parse(JSON.parse(event.body ?? '{"name":"pen"}'))),
});
