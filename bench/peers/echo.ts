/** The ceiling: bare `node:http` that parses the request and answers with the same JSON as the others, with no MCP at all. */
import { serve } from './serve.ts';
import { whoami } from './tool.ts';

serve((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const { id } = JSON.parse(body) as { id: number };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: whoami() });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
