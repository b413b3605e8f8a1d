/**
 * Commands without a session, and commands that close, open or replace the session. The standard error of the whole
 * script is compared as one text.
 */
export const sessionScript = `
history
redo 0
redo 1
redo 0
ls /
redo 4
connect

connect
get /none
close now
ls /
nonsense
history
printwatches
printwatches off
close
redo 4
connect 127.0.0.1:PORT
ls /
printwatches on
create /chrooted
connect 127.0.0.1:PORT/chrooted
ls /
create /below x
get -w /below
set /below y
ls -R /
setquota -n 3 /below
listquota /below
create /zookeeper
create /zookeeper/quota
getAllChildrenNumber /
create -e /ephemeral
config -c
connect 127.0.0.1:PORT
ls -R /chrooted
get /none
quit
ls /
`
  .trim()
  .split('\n');
