/* A disk that does what a file says: preloaded into a program, it stands between it and the files of one folder.
 *
 * FAULTY_FOLDER   whose files are meant
 * FAULTY_SAYS     a file with one word, read at every call: "ok", "slow MS" (each sync takes so long), "hang" (a sync
 *                 ends when another word is there), "sync-fails" and "write-fails" (EIO)
 * FAULTY_LOG      where every write, cut, sync, rename and removal is put down in order; none where it is not set
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;

static const char *folder(void) { return getenv("FAULTY_FOLDER"); }

static int ours(const char *path) {
    const char *in = folder();
    size_t length = in ? strlen(in) : 0;
    return length && strncmp(path, in, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length < 0) return 0;
    path[length] = 0;
    return ours(path);
}

static int says(const char *word, long *number) {
    char said[64];
    const char *file = getenv("FAULTY_SAYS");
    long fd = file ? syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return 0;
    long length = syscall(SYS_read, fd, said, sizeof said - 1);
    syscall(SYS_close, fd);
    said[length > 0 ? length : 0] = 0;
    size_t word_length = strlen(word);
    if (strncmp(said, word, word_length) != 0) return 0;
    if (number) *number = atol(said + word_length);
    return 1;
}

static void put(const void *data, size_t length) {
    const char *at = data;
    while (length) {
        long done = syscall(SYS_write, log_fd, at, length);
        if (done <= 0) abort();
        at += done;
        length -= done;
    }
}

/* op, length of the path, offset or size, length of the data, path, data */
static void note(char op, const char *path, uint64_t at, const void *data, uint32_t length) {
    const char *file = getenv("FAULTY_LOG");
    if (!file) return;
    if (log_fd < 0) log_fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) abort();
    char head[17];
    uint32_t name = strlen(path);
    head[0] = op;
    memcpy(head + 1, &name, 4);
    memcpy(head + 5, &at, 8);
    memcpy(head + 13, &length, 4);
    put(head, sizeof head);
    put(path, name);
    if (length) put(data, length);
}

static int synced(int fd, int how) {
    char path[4096];
    if (!path_of(fd, path)) return (int)syscall(how, fd);
    long ms = 0;
    if (says("slow", &ms)) {
        struct timespec nap = {ms / 1000, ms % 1000 * 1000000};
        nanosleep(&nap, NULL);
    }
    while (says("hang", NULL)) {
        struct timespec nap = {0, 10000000};
        nanosleep(&nap, NULL);
    }
    if (says("sync-fails", NULL) || says("write-fails", NULL)) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&turn);
    int done = (int)syscall(how, fd);
    if (done == 0) note('S', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static ssize_t written(int fd, const void *data, size_t length, off64_t at) {
    char path[4096];
    int whole = at < 0;
    if (!path_of(fd, path)) return whole ? syscall(SYS_write, fd, data, length) : syscall(SYS_pwrite64, fd, data, length, at);
    if (says("write-fails", NULL)) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&turn);
    if (whole) {
        struct stat64 there;
        int appends = fcntl(fd, F_GETFL) & O_APPEND;
        at = appends && fstat64(fd, &there) == 0 ? there.st_size : lseek64(fd, 0, SEEK_CUR);
    }
    ssize_t done = whole ? syscall(SYS_write, fd, data, length) : syscall(SYS_pwrite64, fd, data, length, at);
    if (done > 0 && at >= 0) note('W', path, at, data, done);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t write(int fd, const void *data, size_t length) { return written(fd, data, length, -1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return written(fd, data, length, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return written(fd, data, length, at); }

static int cut(int fd, off64_t size) {
    char path[4096];
    int is_ours = path_of(fd, path);
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_ftruncate, fd, size);
    if (is_ours && done == 0) note('T', path, size, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

static int opened(int at, const char *path, int flags, mode_t mode) {
    if ((flags & O_ACCMODE) == O_RDONLY || !ours(path)) return (int)syscall(SYS_openat, at, path, flags, mode);
    if (flags & (O_CREAT | O_TRUNC) && says("write-fails", NULL)) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&turn);
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    if (fd >= 0 && flags & O_TRUNC) note('T', path, 0, NULL, 0);
    if (fd >= 0 && flags & O_CREAT) note('C', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return fd;
}

static mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }

#define OPENS(name)                                                                                                    \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = mode_of(flags, more);                                                                            \
        va_end(more);                                                                                                  \
        return opened(AT_FDCWD, path, flags, mode);                                                                    \
    }
OPENS(open)
OPENS(open64)

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (done == 0 && ours(from)) note('R', from, 0, to, strlen(to));
    pthread_mutex_unlock(&turn);
    return done;
}

int unlink(const char *path) {
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (done == 0 && ours(path)) note('U', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}
