/** Runs the journeys of a file on the embedded database. */
process.env.TEST_DATABASE = 'embedded';
