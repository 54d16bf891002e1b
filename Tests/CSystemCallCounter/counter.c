#define _GNU_SOURCE
#include "CSystemCallCounter.h"

#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_ulong calls;
static atomic_ulong changes;

unsigned long system_call_count(void) { return atomic_load(&calls); }

unsigned long poll_change_count(void) { return atomic_load(&changes); }

static void count(void) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); }

ssize_t recv(int descriptor, void *buffer, size_t size, int flags) {
    count();
    return syscall(SYS_recvfrom, descriptor, buffer, size, flags, NULL, NULL);
}

ssize_t send(int descriptor, const void *buffer, size_t size, int flags) {
    count();
    return syscall(SYS_sendto, descriptor, buffer, size, flags, NULL, 0);
}

ssize_t read(int descriptor, void *buffer, size_t size) {
    count();
    return syscall(SYS_read, descriptor, buffer, size);
}

ssize_t write(int descriptor, const void *buffer, size_t size) {
    count();
    return syscall(SYS_write, descriptor, buffer, size);
}

int epoll_ctl(int poll, int operation, int descriptor, struct epoll_event *event) {
    count();
    atomic_fetch_add_explicit(&changes, 1, memory_order_relaxed);
    return (int)syscall(SYS_epoll_ctl, poll, operation, descriptor, event);
}

int epoll_wait(int poll, struct epoll_event *events, int size, int timeout) {
    count();
    // Not SYS_epoll_wait, which newer processors do not have; the last number is the size of a signal mask.
    return (int)syscall(SYS_epoll_pwait, poll, events, size, timeout, NULL, 8);
}
