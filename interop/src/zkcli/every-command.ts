const aclOfBob = 'digest:bob:fyVmFCwVbTJYrznoSu1koqYEYF0=:cdrwa';

/**
 * Every command and option of the shell, and the mistakes that a user can make in each. All commands run in one shell
 * on a new server.
 */
export const everyCommand = `
ls /
ls
ls -x /
ls -?
ls -? /
ls / watch
ls -s / watch
ls none
ls /none
ls -R /none
ls //
create
create /a first
create /a again
create /a/b
create /a/b/c data
create /a/b/c/d data
create /none/child x
create a x
create / x
create "" x
create /a//b x
create /a/ x
create /a/. x
create /a/.. x
create /a/b "two words"
create /quoted 'single "quotes"'
get /quoted
create /quoted2 "double 'quotes'"
get /quoted2
create /glued it's"x y"
get /glued
create /backslash a\\\\b\\c
get /backslash
create /ünïcode ďáťa→𝄞
get /ünïcode
create -s /a/seq- one
create -s /a/seq- two
create -s /a/s/ x
create -e /a/mine temporary
create /a/mine/child x
create -e -s /a/mine- x
create -es /a/mine- x
create -c /a/box
create -c -e /a/box2
create -c -s /a/box2
create -c /a/box/inside
create -t 3600000 /a/ttl x
create -t3600000 /a/ttl-glued x
create -t=3600000 /a/ttl-equals x
create -t 0 /a/ttl0 x
create -t -5 /a/ttl0 x
create -t x /a/ttl0 x
create -t 9223372036854775808 /a/ttl0 x
create -t 1099511627775 /a/ttl-max x
create -t 1099511627776 /a/ttl0 x
create -t
create -t 3600000 -e /a/ttl1 x
create -t 3600000 -c /a/ttl1 x
create -t 3600000 -s /a/ttl- x
create -q /a/q x
create --long /a/q x
create - x
create -- -e x
create /a/third data world:anyone:cdrwa too many
create /a/acl1 x nonsense
create /a/acl4 x ,,
create /a/acl5 x nonsense:x:r
create /a/acl6 x digest:x:r
create /a/acl7 x ip:127.0.0.1:rw,world:anyone:r
getAcl /a/acl7
ls /a
ls -s /a
ls -sR /a
ls -R /a
ls -w -s -R /a/b
get
get /a
get -s /a
get -b /a
get -x /a
get -x -s /a/b/c
get -b -x /a
get -sb /a
get -q /a
get /a/b
get -x /a/b
get -b /a/b
get none
get /none
get /a watch
get -s /a watch
get /a one two
get -- /a
create /hex "0123456789abcdefghijklmnop qrstuvw~"
get -x /hex
set
set /a
set /a second
set -s /a third
set /a fourth -s
set -v 9 /a fifth
set -v 3 /a fifth
set /a sixth -v
set -b /a c2l4dGg=
get /a
set -b /a c2l4dGg
get /a
set -v -1 /a "seventh and last"
set /none x
set none x
set -b /a AAECA/8=
get -x /a
get -b /a
get /a
set /a ""
get -s /a
set /a x y z
stat
stat /a
stat /none
stat none
stat /a watch
stat -w /a/b
stat -q /a
stat /a/box
stat /a/ttl
stat /a/mine
getAllChildrenNumber
getAllChildrenNumber /a
getAllChildrenNumber /
getAllChildrenNumber /none
getAllChildrenNumber none
getAllChildrenNumber -q /a
getEphemerals
getEphemerals /a/mine-
getEphemerals /none
getEphemerals none
getEphemerals -q
getAcl
getAcl /a
getAcl -s /a
getAcl /none
getAcl none
whoami
whoami some words -q
create /private x auth::cdrwa
addauth
addauth -q x
addauth digest bob:secret
whoami
create /private x auth::cdrwa
getAcl /private
create /ids x ip:10.0.0.0/8:rw,digest:bob:r
create /ids x ip:10.0.0.0/8:rw,${aclOfBob}
getAcl -s /ids
setAcl
setAcl /a/b
setAcl /a/b world:anyone:cdrwa,${aclOfBob}
getAcl -s /a/b
setAcl -s /a/b world:anyone:cdrwa
setAcl -v 7 /a/b world:anyone:r
setAcl -v 2 /a/b world:anyone:cdrwa
setAcl -R /a/b world:anyone:cdrwa
getAcl -s /a/b/c/d
setAcl -R -v 1 /a/b world:anyone:cdrwa
setAcl -R /none world:anyone:r
setAcl /a/b world:someone:r
setAcl /a/b nonsense
setAcl /a/b ,
setAcl /none world:anyone:r
setAcl none world:anyone:r
create /closed x digest:ann:abc:cdrwa
get /closed
get -s /closed
set /closed y
ls /closed
ls -R /closed
getAcl /closed
setAcl /closed world:anyone:cdrwa
create /closed/in x
setquota
setquota /a
setquota -n /a
setquota -n 20
setquota -n 20 -b 10 /a
setquota -q 20 /a
setquota -n x /a
setquota -n 0 /a
setquota -n -5 /a
setquota -n 99999999999 /a
setquota -b -5 /a
setquota -N 0 /a
setquota -B -5 /a
setquota -n 5 /none
setquota -n 5 none
setquota -n 5 /zookeeper/quota
setquota -n 5 /zookeeper/quota/a
setquota -n 50 /a
listquota /a
setquota -b 1000 /a
listquota /a
setquota -N 62 /a
listquota /a
setquota -B 2000 /a
listquota /a
setquota -n 1 /a
setquota -b 1 /a
setquota -N 30 /a
setquota -n 5 /a/b
setquota -n 5 /a/b/c/d
create /p/q x
create /p
create /p/q
create /p/q/r
setquota -n 5 /p/q/r
setquota -n 5 /p
setquota -b 5 /p/q
listquota
listquota /p/q
listquota /p/q/r
listquota /
listquota p
listquota -q /p
delquota
delquota -n -b /a
delquota -q /a
delquota -n /a
delquota -b /a
delquota -N /a
delquota -B /a
listquota /a
get /zookeeper/quota/a/zookeeper_limits
get /zookeeper/quota/a/zookeeper_stats
delquota /a
delquota /a
delquota -n /none
delquota /none
delquota none
delquota /
listquota /a
ls -R /zookeeper
delquota /p/q/r
ls -R /zookeeper
setquota -N 2 /p
create /p/q/r/s x
setquota -B 3 /p
set /p/q longer
delquota /p
sync
sync /a
sync /none
sync none
sync -q /a
config
config -s
config -c
config -c -s
config -w
config -q
config some words
delete
delete none
delete /none
delete /a
delete -v 3 /a/b/c/d
delete -v 0 /a/b/c/d
delete /a/b/c 7
delete -v
delete -q /a
delete /
delete /zookeeper
delete /zookeeper/config
create /zookeeper/mine x
delete /zookeeper/mine
deleteall
deleteall none
deleteall /none
deleteall -b x /a/b
deleteall -b 0 /a/b
create /d
create /d/1
create /d/2
create /d/3
create /d/1/1
deleteall /d -b 2
ls /d
create /locked "" world:anyone:crwa
create /locked/child
deleteall /locked
ls -R /locked
deleteall -b 0 /locked
deleteall -q /locked
get -w /a
set /a watched
get -w /a
get -w /a
stat -w /a
set /a once
stat -w /later
create /later x
ls -w /later
create /later/child x
get -w /later
ls -w /later
deleteall /later
addWatch
addWatch /one /two
addWatch -m nonsense /rec
addWatch -m
addWatch -q /rec
addWatch /rec
create /rec x
create /rec/x x
set /rec/x y
delete /rec/x
removewatches
removewatches none
removewatches -q /rec
removewatches /rec
removewatches /rec
addWatch -m persistent /rec
create /rec/y x
set /rec z
removewatches /rec -d
removewatches /rec -r
removewatches /rec -p
addWatch -m PERSISTENT_RECURSIVE /rec
removewatches -r -l /rec
get -w /rec
ls -w /rec
removewatches /rec -c
removewatches /rec -d
get -w /rec
removewatches -a /rec
removewatches /none -d -l
reconfig
reconfig -s
reconfig -v x -add server.2=localhost:1:2;3
reconfig -v
reconfig -add server.2=localhost:1:2;3 -members server.1=localhost:1:2;3
reconfig -file /none -members server.1=localhost:1:2;3
reconfig -file /none/at/all
reconfig -file /
reconfig -add=x
reconfig -q
reconfig -add server.2=localhost:1:2;3
reconfig -remove 2
reconfig -members server.1=localhost:1:2;3
reconfig -v 100 -remove 2
set /zookeeper/config x
version x
version -q
printwatches
printwatches off
printwatches
create /unseen
get -w /unseen
set /unseen x
printwatches on
printwatches
history
redo
redo 0
redo 99999
redo -1
history
  get   /rec  
nonsense
Create /x
# no comment
ls -R /
`
  .trim()
  .split('\n');
