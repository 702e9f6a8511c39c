import time
def test_x(visitor, service):
    chat=visitor()
    for i in range(3):
        t=time.time(); chat.page.goto(chat.url); print("goto",time.time()-t); chat.wait_until_ready(); print("reload",time.time()-t)
    for i in range(2):
        t=time.time(); p=chat.page.context.new_page(); c=type(chat).open(p,chat.url); print("newpage",time.time()-t)
    n=[]
    chat.page.on("request",lambda r:n.append(r.url)); chat.page.reload(); chat.wait_until_ready(); print(len(n)); print("\n".join(n[:5]+n[-15:]))
