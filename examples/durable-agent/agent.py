# The agent: plain Python that awaits its tools. It knows nothing of processes that die between its lines.
import json

log = []


async def note(text):
    log.append(text)
    with open("/work/diary.txt", "a") as diary:
        diary.write(text + "\n")


budget = 900
offers = await tools.find_flights(to="Lisbon")
flight = min(offers, key=lambda offer: offer["price"])
await note(f"flight {flight['id']} for {flight['price']}")
budget -= flight["price"]

hotel = await tools.find_hotel(to="Lisbon", below=budget // 3)
await note(f"hotel {hotel['name']}, 3 nights for {3 * hotel['price']}")
budget -= 3 * hotel["price"]

approval = await tools.ask_human(question=f"Book both? {budget} are left.")
if approval == "yes":
    receipt = await tools.book(flight=flight["id"], hotel=hotel["name"])
    await note(f"booked: {receipt}")

json.dumps({"left": budget, "log": log, "diary": open("/work/diary.txt").read().count("\n")})
