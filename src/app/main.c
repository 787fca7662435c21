/*
 * The entry of postroom.
 */
int main(void)
{
    return 0;
}
