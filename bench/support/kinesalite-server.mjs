// kinesalite, in memory, without its delays. Prints its address.
import kinesalite from 'kinesalite';

const server = kinesalite({ createStreamMs: 0, shardLimit: 100 });
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
