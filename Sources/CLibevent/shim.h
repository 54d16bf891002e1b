#ifndef BATON_CLIBEVENT_SHIM_H
#define BATON_CLIBEVENT_SHIM_H

// The only door to libevent, and to the system calls of sockets: EventServer may open no other.

// The system's headers come first: libevent's define _GNU_SOURCE, which would lay out the types of the C library
// differently from the way Swift's own view of it has them, and the two could not be used together.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/openat2.h>
#include <sys/syscall.h>

#include <event2/event.h>

// Linux has these two, the headers hide them without _GNU_SOURCE; declared as the C library defines them.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

// A macro that calls a function, which Swift cannot import.
static inline int baton_errno(void) { return errno; }

// open takes a variable number of arguments, and Swift can call no such function.
static inline int baton_open(const char *path, int flags) { return open(path, flags); }

// The C library has no function for openat2, and syscall is variadic. What leads out of the folder, by .. or by a link, fails
// with EXDEV: the kernel looks at each step, so nobody can change a link between a check and its use.
static inline int baton_open_beneath(int folder, const char *path, uint64_t flags) {
    struct open_how how = {.flags = flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// As baton_open; and a macro that Swift does not see without _GNU_SOURCE.
static inline int baton_open_folder(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }
static const int baton_o_directory = O_DIRECTORY;

// SIG_IGN is a macro with a cast, which Swift cannot import.
static inline void baton_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

// Enums in glibc, which Swift imports as types of their own rather than as the Int32 that the calls take.
static const int baton_sock_stream = SOCK_STREAM;
static const int baton_sock_nonblock = SOCK_NONBLOCK;
static const int baton_sock_cloexec = SOCK_CLOEXEC;
static const int baton_efd_nonblock = EFD_NONBLOCK;
static const int baton_efd_cloexec = EFD_CLOEXEC;
static const int baton_msg_nosignal = MSG_NOSIGNAL;
static const int baton_rlimit_nofile = RLIMIT_NOFILE;
static const int baton_shut_wr = SHUT_WR;

// Hidden without _GNU_SOURCE.
static const short baton_pollrdhup = 0x2000;

// ioctl takes a variable number of arguments, which Swift cannot call.
static inline int baton_unacknowledged(int socket, int *count) { return ioctl(socket, TIOCOUTQ, count); }

// The address parameters of these are transparent unions in glibc, of which Swift sees no member.
static inline int baton_bind(int socket, const struct sockaddr *address, socklen_t length) {
    return bind(socket, address, length);
}
static inline int baton_getsockname(int socket, struct sockaddr *address, socklen_t *length) {
    return getsockname(socket, address, length);
}
static inline int baton_connect(int socket, const struct sockaddr *address, socklen_t length) {
    return connect(socket, address, length);
}

// fcntl takes a list of arguments, which Swift cannot call. 0, or -1 with errno.
static inline int baton_make_own(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -1;
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

// open is variadic, which Swift does not import. The flags make the file new, its owner's alone, and no child's.
static inline int baton_create_private_file(const char *path) {
    return open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0600);
}

#endif
