/**
 * Reconfigurations of a ZooKeeper ensemble of one server. PORT, QUORUM and ELECTION stand for the server's ports.
 * MEMBERS stands for a file that lists only this server. Nothing listens at the addresses of the observers.
 */
export const reconfigScript = `
config
config -c
config -s
reconfig -add server.2=127.0.0.1:1:2:observer;127.0.0.1:3
config
config -c
reconfig -s -remove 2
reconfig -v 12345 -remove 2
reconfig -v 100000003 -add server.4=localhost:4:5:observer;6
config -c
reconfig -s -file MEMBERS
config
reconfig -members server.1=127.0.0.1:QUORUM:ELECTION:participant;127.0.0.1:PORT,server.5=LOCALHOST:7:8:observer;9
config -c
reconfig -remove 1,5
reconfig -remove 5 -add server.6=127.0.0.1:1:2:participant;3
reconfig -add nonsense
reconfig -remove x
reconfig -remove 5
config -w
reconfig -add server.7=127.0.0.1:1:2:observer;127.0.0.1:3
config
`
  .trim()
  .split('\n');
