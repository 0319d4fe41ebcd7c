/**
 * A bare Express handler: one query by primary key, planned once, and the page, without the headers that Express adds by itself. It
 * lets everybody in: what it costs is what a page alone must cost.
 */
import express from 'express';
import pg from 'pg';
import { people } from './people.mjs';
import { environment, newToken, views, viewsDirectory } from './views.mjs';

const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL });

if (process.argv.includes('seed')) {
  await pool.query(`CREATE TABLE people (id text PRIMARY KEY, username text NOT NULL, name text NOT NULL, email text, phone text,
    organization text NOT NULL, token text NOT NULL)`);
  for (const { username, name, email, phone, organization } of people(Number(process.env.PEER_PEOPLE), 4)) {
    const row = [username, username, name, email, phone, organization, newToken()];
    await pool.query('INSERT INTO people VALUES ($1, $2, $3, $4, $5, $6, $7)', row);
  }
  await pool.end();
} else {
  const app = express().disable('etag').disable('x-powered-by');
  environment.express(app);
  app.set('views', viewsDirectory);
  const show = (view) => async (request, response) => {
    const id = /(?:^|; )id=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    const { rows } = await pool.query({ name: 'person', text: 'SELECT * FROM people WHERE id = $1', values: [id] });
    if (!rows[0]) return response.redirect('/login');
    response.render(...view(rows[0], rows[0].token));
  };
  app.get('/', show(views.home));
  app.get('/profile/details', show(views.details));
  app.get('/login', (_, response) => response.render(...views.login(newToken())));
  app.listen(Number(process.env.PORT), '127.0.0.1');
}
