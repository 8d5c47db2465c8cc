// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * threads - what threads that attach themselves, or are attached, can do and
 * cannot
 *
 * Run in the lab by t-threads.sh, which says what each command is to show. A
 * command ends with status 0, or says what was not as it should be.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include <pvsched/thread.h>

#include "../subcommand.h"

#define URGENT PVSCHED_LEVEL_RT(50)
#define NORMAL PVSCHED_LEVEL_NORMAL

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void nap(double seconds)
{
	const struct timespec t = { seconds, (seconds - (long)seconds) * 1e9 };

	nanosleep(&t, NULL);
}

/* Memory for so many pages, which is not inherited: all alike for a child. */
static struct pvsched_page *pages_new(unsigned int count)
{
	struct pvsched_page *pages =
		mmap(NULL, count * sizeof(*pages), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (pages == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < count; i++)
		pvsched_page_init(&pages[i]);
	return pages;
}

static int group(const char *name)
{
	int fd = pvsched_threads_open(name, 0);

	if (fd < 0)
		errx(1, "group %s: %s", name, strerror(-fd));
	return fd;
}

static void expect(const char *what, int status, int expected)
{
	if (status != expected)
		errx(1, "%s: %s, expected: %s", what, strerror(-status),
		     strerror(-expected));
}

/* Say that all is set up, and wait until the input ends. */
static void await_end(void)
{
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static bool boosted(const struct pvsched_page *page)
{
	return pvsched_host_boosted(pvsched_thread_host_word(page));
}

/* Use the CPU until the host has boosted, or time is over. */
static bool spin_boosted(const struct pvsched_page *page, double seconds)
{
	double end = now() + seconds;

	while (!boosted(page))
		if (now() > end)
			return false;
	return true;
}

static void expect_policy(const char *when, int policy)
{
	int is = sched_getscheduler(0);

	if (is != policy)
		errx(1, "%s: scheduling policy %d, expected %d", when, is,
		     policy);
}

/* boost SECONDS: beside hogs on the same CPU, be urgent, then not. */
static int cmd_boost(char **argv)
{
	struct pvsched_page *page = pages_new(1);
	int fd = group("boost");

	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	pvsched_thread_raise(page, URGENT);
	if (!spin_boosted(page, atof(argv[0])))
		errx(1, "urgent, but not boosted");
	expect_policy("boosted", SCHED_FIFO | SCHED_RESET_ON_FORK);
	pvsched_thread_lower(fd, page, NORMAL);
	expect_policy("lowered", SCHED_OTHER);
	if (boosted(page))
		errx(1, "lowered, but the host word says boosted");
	/* What sleeps urgent wakes up boosted. */
	pvsched_thread_raise(page, URGENT);
	nap(0.05);
	expect_policy("woken", SCHED_FIFO | SCHED_RESET_ON_FORK);
	expect("detach", pvsched_thread_detach(fd, 0), 0);
	expect_policy("detached", SCHED_OTHER);
	if (pvsched_thread_host_word(page))
		errx(1, "detached, but the host word is not 0");
	return 0;
}

/* The priority that a boost has reached. */
static int boost_priority(void)
{
	struct sched_param param;

	sched_getparam(0, &param);
	return param.sched_priority;
}

/* limited SECONDS PRIORITY: a boost gets that far, 0: there is none. */
static int cmd_limited(char **argv)
{
	struct pvsched_page *page = pages_new(1);
	int fd = group("limited"), wanted = atoi(argv[1]);

	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	pvsched_thread_raise(page, URGENT);
	if (spin_boosted(page, atof(argv[0])) != !!wanted)
		errx(1, wanted ? "not boosted" : "boosted");
	if (boost_priority() != wanted)
		errx(1, "boosted to %d, not to %d", boost_priority(), wanted);
	return 0;
}

static int refused_create(int pid, unsigned int flags, const char *name)
{
	struct pvsched_vm_create create = { .pid = pid, .flags = flags };
	int fd = open("/dev/pvsched", O_RDWR), status;

	if (fd < 0)
		err(1, "/dev/pvsched");
	strcpy(create.name, name);
	status = ioctl(fd, PVSCHED_IOC_VM_CREATE, &create) ? -errno : 0;
	close(fd);
	return status;
}

static int attach_raw(int fd, struct pvsched_thread_attach attach)
{
	return ioctl(fd, PVSCHED_IOC_THREAD_ATTACH, &attach) ? -errno : 0;
}

static int ring(int fd)
{
	return ioctl(fd, PVSCHED_IOC_THREAD_RING) ? -errno : 0;
}

/* A group that has not said which protocol its words have. */
static int group_raw(const char *name)
{
	struct pvsched_vm_create create = { .pid = getpid(),
					    .flags = PVSCHED_VM_THREADS };
	int fd = open("/dev/pvsched", O_RDWR);

	strcpy(create.name, name);
	if (fd < 0 || ioctl(fd, PVSCHED_IOC_VM_CREATE, &create))
		err(1, "group %s", name);
	return fd;
}

static void refused_arguments(int fd, struct pvsched_page *page)
{
	const uintptr_t addr = (uintptr_t)page;
	char *unmapped =
		mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pvsched_page *wrong = pages_new(2);

	wrong[0].magic = 0;
	wrong[1].version = htole16(99);
	expect("flags",
	       attach_raw(fd, (struct pvsched_thread_attach){ .flags = 1,
							      .addr = addr }),
	       -EINVAL);
	expect("reserved",
	       attach_raw(fd, (struct pvsched_thread_attach){ .reserved = 1,
							      .addr = addr }),
	       -EINVAL);
	expect("number",
	       pvsched_thread_attach(fd, PVSCHED_VCPU_ID_MAX + 1, 0, page),
	       -EINVAL);
	expect("thread id below 0", pvsched_thread_attach(fd, 0, -1, page),
	       -EINVAL);
	expect("unaligned",
	       attach_raw(fd,
			  (struct pvsched_thread_attach){ .addr = addr + 8 }),
	       -EINVAL);
	expect("no magic", pvsched_thread_attach(fd, 0, 0, &wrong[0]), -EINVAL);
	expect("version", pvsched_thread_attach(fd, 0, 0, &wrong[1]), -EPROTO);
	expect("not mapped", pvsched_thread_attach(fd, 0, 0, (void *)unmapped),
	       -EFAULT);
	expect("no such thread", pvsched_thread_attach(fd, 0, 0x3fffffff, page),
	       -ESRCH);
	expect("another process", pvsched_thread_attach(fd, 0, getppid(), page),
	       -ESRCH);
}

/* refusals: whatever is not as documented is refused, and leaves nothing. */
static int cmd_refusals(char **argv)
{
	struct pvsched_vcpu_attach vcpu = { .vcpu_id = 1 };
	struct pvsched_page *page = pages_new(2);
	int raw = group_raw("raw"), fd = group("refusals");
	int kernel = pvsched_threads_open("kernel", 2);

	(void)argv;
	expect("flags of a group", refused_create(getpid(), 2, "x"), -EINVAL);
	expect("a kernel thread", pvsched_thread_attach(kernel, 0, 2, NULL),
	       -EPERM);
	expect("a name twice",
	       refused_create(getpid(), PVSCHED_VM_THREADS, "raw"), -EEXIST);
	expect("no protocol", pvsched_thread_attach(raw, 0, 0, page), -ENXIO);
	refused_arguments(fd, page);
	expect("ring, not attached", ring(fd), -ENOENT);
	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	expect("number twice", pvsched_thread_attach(fd, 0, 0, page + 1),
	       -EEXIST);
	expect("thread twice", pvsched_thread_attach(fd, 1, 0, page + 1),
	       -EBUSY);
	expect("thread in another group",
	       pvsched_thread_attach(raw, 1, 0, NULL), -EBUSY);
	vcpu.addr = (uintptr_t)(page + 1);
	expect("vCPU", ioctl(fd, PVSCHED_IOC_VCPU_ATTACH, &vcpu) ? -errno : 0,
	       -EOPNOTSUPP);
	expect("ring", ring(fd), 0);
	expect("ring elsewhere", ring(raw), -ENOENT);
	expect("detach", pvsched_thread_detach(fd, 0), 0);
	expect("detach twice", pvsched_thread_detach(fd, 0), -ENOENT);
	expect("attach without a word", pvsched_thread_attach(raw, 1, 0, NULL),
	       0);
	close(raw);
	expect("attach anew", pvsched_thread_attach(fd, 0, 0, page), 0);
	return 0;
}

/* foreign NAME PID: make a group of that process's first thread. */
static int cmd_foreign(char **argv)
{
	int fd = pvsched_threads_open(argv[0], atoi(argv[1]));

	if (fd < 0)
		errx(1, "%s", strerror(-fd));
	expect("attach", pvsched_thread_attach(fd, 0, atoi(argv[1]), NULL), 0);
	await_end();
	return 0;
}

static void wait_child(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status)
		errx(1, "the child failed");
}

/* fork SECONDS: a child has the file, but neither the boost nor the group. */
static int cmd_fork(char **argv)
{
	struct pvsched_page *page = pages_new(1);
	int fd = group("fork");
	pid_t child;

	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	pvsched_thread_raise(page, URGENT);
	if (!spin_boosted(page, atof(argv[0])))
		errx(1, "not boosted");
	child = fork();
	if (!child) {
		expect_policy("child", SCHED_OTHER);
		pvsched_page_init(page);
		expect("child, attach", pvsched_thread_attach(fd, 1, 0, page),
		       -ESRCH);
		expect("child, ring", ring(fd), -ENOENT);
		fd = group("child");
		expect("child, its own", pvsched_thread_attach(fd, 0, 0, page),
		       0);
		_exit(0);
	}
	wait_child(child);
	if (!boosted(page))
		errx(1, "not boosted any more");
	return 0;
}

/* exec SECONDS: another program has no boost, and keeps none. */
static int cmd_exec(char **argv)
{
	struct pvsched_page *page = pages_new(1);
	int fd = group("exec");

	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	pvsched_thread_raise(page, URGENT);
	if (!spin_boosted(page, atof(argv[0])))
		errx(1, "not boosted");
	fcntl(fd, F_SETFD, 0);
	execl("/proc/self/exe", "threads", "executed", argv[0], NULL);
	err(1, "exec");
}

static int cmd_executed(char **argv)
{
	double end = now() + atof(argv[0]);

	while (sched_getscheduler(0) != SCHED_OTHER)
		if (now() > end)
			errx(1, "still boosted");
	await_end();
	return 0;
}

/* churn N KIND: attach and end it, N times; nothing is left of it. */

static void churn_self(int fd, struct pvsched_page *page)
{
	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	pvsched_thread_raise(page, URGENT);
	expect("detach", pvsched_thread_detach(fd, 0), 0);
}

static void churn_close(int fd, struct pvsched_page *page)
{
	(void)fd;
	fd = group("churn-close");
	expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
	close(fd);
}

struct worker {
	int fd;
	struct pvsched_page *page;
};

static void *worker_exit(void *arg)
{
	const struct worker *worker = arg;

	expect("attach", pvsched_thread_attach(worker->fd, 0, 0, worker->page),
	       0);
	return NULL;
}

static void churn_exit(int fd, struct pvsched_page *page)
{
	struct worker worker = { fd, page };
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker_exit, &worker))
		errx(1, "cannot create a thread");
	pthread_join(thread, NULL);
	expect("detach", pvsched_thread_detach(fd, 0), 0);
}

/*
 * The main thread is attached by another that detaches it again. The time before
 * it may not have been let go yet.
 */
static void *worker_other(void *arg)
{
	const struct worker *worker = arg;
	double end = now() + 10;
	int status;

	do {
		status = pvsched_thread_attach(worker->fd, 0, getpid(),
					       worker->page);
	} while (status == -EBUSY && now() < end);
	expect("attach", status, 0);
	expect("detach", pvsched_thread_detach(worker->fd, 0), 0);
	return NULL;
}

static void churn_other(int fd, struct pvsched_page *page)
{
	struct worker worker = { fd, page };
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker_other, &worker))
		errx(1, "cannot create a thread");
	pthread_join(thread, NULL);
}

static void churn_kill(int fd, struct pvsched_page *page)
{
	int status;
	pid_t child = fork();

	if (!child) {
		fd = group("churn-kill");
		expect("attach", pvsched_thread_attach(fd, 0, 0, page), 0);
		pvsched_thread_raise(page, URGENT);
		raise(SIGKILL);
	}
	waitpid(child, &status, 0);
	if (!WIFSIGNALED(status))
		errx(1, "the child was not killed");
}

static const struct {
	const char *name;
	void (*once)(int fd, struct pvsched_page *page);
} churns[] = {
	{ "self", churn_self }, { "close", churn_close },
	{ "exit", churn_exit }, { "other", churn_other },
	{ "kill", churn_kill },
};

/* What RLIMIT_MEMLOCK is charged with, kB. */
static int locked(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	int kb = -1;

	if (!file)
		err(1, "/proc/self/status");
	while (fgets(line, sizeof(line), file))
		sscanf(line, "VmLck: %d", &kb);
	fclose(file);
	return kb;
}

static int cmd_churn(char **argv)
{
	struct pvsched_page *page = pages_new(1);
	int fd = group("churn"), n = atoi(argv[0]);
	size_t i;

	for (i = 0; strcmp(churns[i].name, argv[1]); i++)
		if (i + 1 == sizeof(churns) / sizeof(churns[0]))
			errx(2, "what is %s?", argv[1]);
	while (n--)
		churns[i].once(fd, page);
	if (locked())
		errx(1, "%d kB are still charged as locked", locked());
	return 0;
}

/* many N: so many threads that are urgent now and then, until the input ends. */

static struct {
	int fd;
	bool stop;
	struct pvsched_page *pages;
	pthread_barrier_t ready;
} many;

static void *worker_many(void *arg)
{
	unsigned int id = (uintptr_t)arg;
	struct pvsched_page *page = &many.pages[id];

	expect("attach", pvsched_thread_attach(many.fd, id, 0, page), 0);
	pthread_barrier_wait(&many.ready);
	while (!__atomic_load_n(&many.stop, __ATOMIC_RELAXED)) {
		pvsched_thread_raise(page, PVSCHED_LEVEL_RT(1 + id % 98));
		nap(0.5 + id % 7 * 0.1);
		pvsched_thread_lower(many.fd, page, NORMAL);
		nap(0.2);
	}
	/* Half of them exit while they are attached. */
	if (id % 2)
		expect("detach", pvsched_thread_detach(many.fd, id), 0);
	return NULL;
}

static int cmd_many(char **argv)
{
	unsigned int i, n = atoi(argv[0]);
	pthread_t *threads = calloc(n, sizeof(*threads));
	pthread_attr_t attr;

	many.fd = group("many");
	many.pages = pages_new(n);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	pthread_barrier_init(&many.ready, NULL, n + 1);
	for (i = 0; i < n; i++)
		if (pthread_create(&threads[i], &attr, worker_many,
				   (void *)(uintptr_t)i))
			errx(1, "cannot create thread %u", i);
	pthread_barrier_wait(&many.ready);
	await_end();
	__atomic_store_n(&many.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return 0;
}

static const struct subcommand commands[] = {
	{ "boost", 1, cmd_boost },	 { "limited", 2, cmd_limited },
	{ "refusals", 0, cmd_refusals }, { "foreign", 2, cmd_foreign },
	{ "fork", 1, cmd_fork },	 { "exec", 1, cmd_exec },
	{ "executed", 1, cmd_executed }, { "churn", 2, cmd_churn },
	{ "many", 1, cmd_many },
};

int main(int argc, char **argv)
{
	return subcommand_run(commands, sizeof(commands) / sizeof(commands[0]),
			      argc, argv);
}
