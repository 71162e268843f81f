/* SPDX-License-Identifier: Apache-2.0 */
/* errno N...: makes each call with zero arguments and prints "N ERRNO". Needs no C library, so that it runs under a
 * profile that allows write and exit_group only. Built with -nostdlib, also for 32 bits. */

#if defined(__x86_64__)
#define WRITE 1
#define EXIT_GROUP 231
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");

static long call(long number, long first, long second, long third)
{
	register long fourth __asm__("r10") = 0;
	register long fifth __asm__("r8") = 0;
	register long sixth __asm__("r9") = 0;

	__asm__ volatile("syscall"
			 : "+a"(number)
			 : "D"(first), "S"(second), "d"(third), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return number;
}
#elif defined(__i386__)
#define WRITE 4
#define EXIT_GROUP 252
__asm__(".globl _start\n_start: mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call begin\n");

static long call(long number, long first, long second, long third)
{
	__asm__ volatile("int $0x80"
			 : "+a"(number)
			 : "b"(first), "c"(second), "d"(third), "S"(0), "D"(0)
			 : "memory");
	return number;
}
#elif defined(__aarch64__)
#define WRITE 64
#define EXIT_GROUP 94
__asm__(".globl _start\n_start: mov x0, sp\n bl begin\n");

static long call(long number, long first, long second, long third)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = first;
	register long x1 __asm__("x1") = second;
	register long x2 __asm__("x2") = third;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;
	register long x5 __asm__("x5") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#endif

static long parse(const char *text)
{
	long number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + *text - '0';
	return number;
}

static char *print(char *end, unsigned long number)
{
	do
		*--end = '0' + number % 10;
	while (number /= 10);
	return end;
}

__attribute__((used)) void begin(long *stack)
{
	long count = stack[0];
	char **words = (char **)(stack + 1);

	for (long i = 1; i < count; i++) {
		char line[64], *end = line + sizeof(line), *at = end;
		long number = parse(words[i]);
		long result = call(number, 0, 0, 0);

		*--at = '\n';
		at = print(at, result < 0 && result > -4096 ? -result : 0);
		*--at = ' ';
		at = print(at, number);
		call(WRITE, 1, (long)at, end - at);
	}
	call(EXIT_GROUP, 0, 0, 0);
}
