/** Runs the journeys of a file on the run's PostgreSQL server. */
process.env.TEST_DATABASE = 'postgres';
