#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Why C: libseccomp is loaded at first use, and its header's constants are macros that Swift cannot import, as are those by which
// a descriptor is passed over a socket.

#pragma clang assume_nonnull begin

// Confines this process for good: what may be called from now on is to calculate, to take and give back memory, to start
// threads, and to read and write descriptors that are open. Paths, sockets, programs and other processes are out of reach.
// NULL where that was done and seen to work; else what is wrong.
const char *_Nullable narrate_confine(void);

// Starts a program with two arguments and hardly any of this process's environment. Its standard streams are /dev/null, 3 and 4
// are the descriptors given, and no other is open. Returns 0 and the process, or errno.
int narrate_start(
    const char *program, const char *first, const char *second, const char *third, int socket, int memory,
    pid_t *process);

// Memory that two processes can share, of a size that neither can change, as a descriptor; -1 with errno.
int narrate_shared_memory(size_t size);

// Gives back what that memory took; it is zeros from now on.
void narrate_empty(int memory, size_t size);

// Two sockets that keep messages apart. Returns 0 or errno.
int narrate_socket_pair(int *one, int *other);

// One message, and perhaps a descriptor (-1 is none), without waiting. Returns the bytes sent; -1 with errno.
ssize_t narrate_send(int socket, const void *bytes, size_t count, int descriptor);

// Waits for one message, at most so many milliseconds (-1: as long as it takes). Returns its bytes; 0 where the other side is
// gone, and errno is 0; -1 with errno, ETIMEDOUT where none came. A descriptor that came with it is the caller's to close, or -1;
// where it has no place, none is taken.
ssize_t narrate_receive(int socket, void *bytes, size_t count, int milliseconds, int *_Nullable descriptor);

// Ends this process when the other side of a socket is gone, whatever its threads are at.
void narrate_end_with(int socket);

#pragma clang assume_nonnull end
