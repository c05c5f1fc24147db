// The page of `narrate serve`: sends pictures and videos to the server, and shows what it answers. Texts of
// the server and names of files enter the page by textContent alone. Paths are relative, so that the page
// also works behind a proxy that gives it a folder.

const byID = id => document.getElementById(id)

/** An element; properties that the DOM knows are set, others become attributes, children may be missing. */
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue
    if (name in node) node[name] = value
    else node.setAttribute(name, value)
  }
  node.append(...children.filter(child => child !== null && child !== undefined))
  return node
}

const button = (text, onclick, properties = {}) =>
  make("button", { type: "button", className: "plain", textContent: text, onclick, ...properties })

// MARK: Texts

const percent = share => `${Math.round(share * 100)}%`
const many = (count, one, more = `${one}s`) => `${count.toLocaleString("en-GB")} ${count === 1 ? one : more}`

/** 75.3 → 1:15, as players write it. */
function clock(seconds) {
  const whole = Math.floor(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  const tail = String(whole % 60).padStart(2, "0")
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`
}

/** Captions come in lower case and without a full stop. */
function sentence(text) {
  const plain = text.trim()
  const whole = plain.charAt(0).toUpperCase() + plain.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

// MARK: News for those who hear the page

const untold = []
let telling

/** What comes within a moment is read as one. */
function announce(text) {
  untold.push(text)
  clearTimeout(telling)
  telling = setTimeout(() => { byID("news").textContent = untold.splice(0).join(" ") }, 300)
}

// MARK: The server

class ServerError extends Error {}

const unreachable = "The server cannot be reached, or the file can no longer be read."
const patience = 5

let token = readToken()
let question = null
let isDeclined = false

/** Browsers that keep nothing throw here. */
function readToken() {
  try { return sessionStorage.getItem("token") ?? "" } catch { return "" }
}

function keepToken(text) {
  token = text
  try { sessionStorage.setItem("token", text) } catch { /* it is then asked for again after a reload */ }
}

/** A header's letters are bytes: those of UTF-8, so that every token can be sent. */
const headers = () =>
  (token ? { Authorization: `Bearer ${String.fromCharCode(...new TextEncoder().encode(token))}` } : {})

/** Tags cannot send a header. */
const withToken = path => (token ? `${path}?token=${encodeURIComponent(token)}` : path)

/** Asks for another token than the one that was refused: once, however many requests need it. */
async function renewToken(refused) {
  if (token !== refused) return
  if (isDeclined) throw new ServerError("This server needs a token.")
  question ??= askForToken(refused).finally(() => { question = null })
  await question
}

function askForToken(refused) {
  const dialog = byID("token-dialog")
  byID("token-text").textContent = refused
    ? "The server does not take that token. Is it written as whoever started the server gave it?"
    : "Whoever started the server chose it. It is kept until you close this tab."
  byID("token").value = ""
  dialog.returnValue = ""
  dialog.showModal()
  return new Promise((resolve, reject) => {
    dialog.addEventListener("close", () => {
      if (dialog.returnValue) {
        keepToken(dialog.returnValue)
        resolve()
      } else {
        isDeclined = true
        reject(new ServerError("This server needs a token."))
      }
    }, { once: true })
  })
}

/** Only pictures and videos are sent as what they are: JSON, say, would be taken for a request. */
const typeOf = file => (/^(image|video)\//.test(file.type) ? file.type : "application/octet-stream")

/** One exchange by fetch. */
async function exchange(path, { method, file, signal }) {
  const type = file ? { "Content-Type": typeOf(file) } : {}
  try {
    const response = await fetch(path, { method, body: file, signal, headers: { ...headers(), ...type } })
    const retryAfter = response.headers.get("Retry-After")
    return { status: response.status, retryAfter, text: await response.text() }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw new ServerError(unreachable, { cause: error })
  }
}

/** One exchange by XMLHttpRequest, which alone tells how much has been sent. */
function send(path, { file, signal, sending }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open("POST", path)
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value)
    request.setRequestHeader("Content-Type", typeOf(file))
    request.upload.onprogress = event => { if (event.lengthComputable) sending(event.loaded / event.total) }
    request.onload = () => resolve({
      status: request.status,
      retryAfter: request.getResponseHeader("Retry-After"),
      text: request.responseText,
    })
    request.onerror = () => reject(new ServerError(unreachable))
    request.onabort = () => reject(signal.reason)
    signal.addEventListener("abort", () => request.abort(), { once: true })
    request.send(file)
  })
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000)
    signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason) }, { once: true })
  })
}

function parsed(text) {
  try { return JSON.parse(text) } catch { return null }
}

/** An answer's JSON. Asks for a token where one is needed, waits for a busy server, and throws its errors. */
async function request(path, options = {}) {
  const { signal, say = () => {} } = options
  for (let attempt = 0; ;) {
    signal?.throwIfAborted()
    const sent = token
    const { status, retryAfter, text } = await (options.sending ? send : exchange)(path, options)
    if (status === 401) {
      await renewToken(sent)
    } else if ((status === 503 || status === 429) && attempt < patience) {
      attempt += 1
      const seconds = Math.max(Number.parseFloat(retryAfter) || 2, 0.5)
      const wait = `Trying again in ${Math.ceil(seconds)} s (${attempt} of ${patience}).`
      say({ text: `The server is busy. ${wait}` })
      await pause(seconds, signal)
      say({ text: "Trying again" })
    } else if (status >= 200 && status < 300) {
      return parsed(text)
    } else {
      throw new ServerError(parsed(text)?.error?.message ?? `The server answered with status ${status}.`)
    }
  }
}

// MARK: Jobs of the server

/** Those that would go on for nobody if the page were closed. */
const unfinished = new Set()

const forget = place =>
  fetch(place, { method: "DELETE", headers: headers(), keepalive: true }).catch(() => {})

/** Sends a video, follows the server's work at it, and gives the finished job with its place. */
async function runJob(path, file, signal, say) {
  const sending = share => say({ text: `Sending, ${percent(share)}`, share })
  const { id } = await request(path, { file, signal, say, sending })
  const place = `v1/jobs/${encodeURIComponent(id)}`
  unfinished.add(place)
  try {
    return { place, ...await follow(place, signal, say) }
  } catch (error) {
    forget(place)
    throw error
  } finally {
    unfinished.delete(place)
  }
}

async function follow(place, signal, say) {
  let job = await lastEvent(place, signal, say)
  // A proxy may have cut the stream: what became of the job is then asked for.
  while (!job || job.status === "queued" || job.status === "running") {
    job = await request(place, { signal })
    sayProgress(job, say)
    if (job.status === "queued" || job.status === "running") await pause(1, signal)
  }
  if (job.status === "done") return job
  throw new ServerError(job.error?.message ?? "The server has cancelled this.")
}

function sayProgress({ status, seconds, duration, fraction }, say) {
  if (status === "queued") return say({ text: "Waiting for the server" })
  const share = fraction ?? (duration ? seconds / duration : undefined)
  say({ text: `At ${clock(seconds ?? 0)}${duration ? ` of ${clock(duration)}` : ""}`, share })
}

/** The job as the last of its events tells it; null where the stream ended without one. */
async function lastEvent(place, signal, say) {
  try {
    const response = await fetch(`${place}/events`, { headers: headers(), signal })
    if (!response.ok) return null
    for await (const { event, data } of events(response.body)) {
      if (event !== "progress") return data
      sayProgress(data, say)
    }
  } catch {
    signal.throwIfAborted()
  }
  return null
}

/** Server-sent events; EventSource could not send the token's header. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const blocks = (text + value).replaceAll("\r\n", "\n").split("\n\n")
    text = blocks.pop()
    for (const block of blocks) {
      const field = name => block.split("\n").filter(line => line.startsWith(`${name}:`))
        .map(line => line.slice(name.length + 1).trim()).join("\n")
      const data = parsed(field("data"))
      if (data) yield { event: field("event"), data }
    }
  }
}

addEventListener("pagehide", event => { if (!event.persisted) unfinished.forEach(forget) })

// MARK: The queue

/** Lets so many through at a time, in the order in which they came. */
class Lane {
  #free
  #waiting = []

  constructor(limit) { this.#free = limit }

  async run(work, signal) {
    await this.#turn(signal)
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }

  #turn(signal) {
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve)
      signal.addEventListener("abort", () => {
        this.#waiting = this.#waiting.filter(other => other !== resolve)
        reject(signal.reason)
      }, { once: true })
    })
  }
}

const lanes = { pictures: new Lane(2), videos: new Lane(1) }
const tasks = new Set()

/** Something that the server does for a file, with its state on the page: told, cancelled, tried again. */
class Task {
  state = "waiting"
  #lane
  #work
  #show
  #text = make("p", { className: "state" })
  #bar
  #button
  #controller

  /** `work(signal, say)` gives what `show` puts on the page. */
  constructor(name, what, lane, work, show) {
    [this.name, this.#lane, this.#work, this.#show] = [name, lane, work, show]
    this.#bar = make("progress", { max: 1, "aria-label": `${what}, ${name}` })
    this.#button = button("", () => (this.isActive ? this.cancel() : this.retry()))
    this.panel = make("div", { className: "task" }, this.#text, this.#bar, this.#button)
    tasks.add(this)
    this.start()
  }

  get isActive() { return this.state === "waiting" || this.state === "working" }

  start() {
    this.#controller = new AbortController()
    const { signal } = this.#controller
    const say = told => { if (!signal.aborted) this.#set("working", told.text, told.share) }
    this.#set("waiting", "Waiting")
    this.#lane.run(() => this.#work(signal, say), signal)
      .then(result => this.#finish(result))
      .catch(error => this.#fail(error, signal))
  }

  retry() {
    isDeclined = false
    this.start()
  }

  cancel() { if (this.isActive) this.#controller.abort() }

  #finish(result) {
    const news = this.#show(result)
    const hadFocus = this.panel.contains(document.activeElement)
    this.#set("done", "")
    if (hadFocus) this.panel.closest("li")?.querySelector("h3").focus()
    announce(`${this.name}: ${news}`)
  }

  #fail(error, signal) {
    if (signal.aborted) return this.#set("cancelled", "Cancelled")
    const isTold = error instanceof ServerError
    if (!isTold) console.error(error)
    this.#set("failed", isTold ? sentence(error.message) : "The server's answer was not understood.")
    announce(`${this.name}: ${this.#text.textContent}`)
  }

  #set(state, text, share) {
    this.state = state
    this.panel.dataset.state = state
    this.panel.hidden = state === "done"
    this.#text.textContent = text
    this.#bar.hidden = !this.isActive
    if (share === undefined) this.#bar.removeAttribute("value")
    else this.#bar.value = Math.min(share, 1)
    const verb = this.isActive ? "Cancel" : "Try again"
    this.#button.textContent = verb
    this.#button.setAttribute("aria-label", `${verb}: ${this.#bar.getAttribute("aria-label")}`)
    countTasks()
  }
}

function countTasks() {
  const [all, active] = [[...tasks], [...tasks].filter(task => task.isActive)]
  byID("tally").hidden = all.length === 0
  byID("cancel-all").hidden = active.length < 2
  byID("clear").hidden = active.length > 0 || byID("items").children.length < 2
  byID("count").textContent = active.length
    ? `${all.length - active.length} of ${all.length} done`
    : many(byID("items").children.length, "file")
  document.title = active.length ? `${all.length - active.length} of ${all.length} · Narrate` : "Narrate"
  document.body.classList.toggle("filled", all.length > 0)
}

// MARK: Cards

let cards = []
let cardCount = 0

/** A file's place in the list, with what the browser holds for it. */
class Card {
  tasks = []
  places = []

  constructor(file, kind) {
    this.url = URL.createObjectURL(file)
    cardCount += 1
    const { name } = file
    this.title = make("h3", { id: `file-${cardCount}`, tabIndex: -1, textContent: name, title: name })
    const remove = button("Remove", () => this.removeAndMoveFocus(), { "aria-label": `Remove ${name}` })
    this.tools = make("div", { className: "tools" }, remove)
    this.root = make("li", { className: `card ${kind}` })
    cards.push(this)
  }

  remove() {
    for (const task of this.tasks) {
      task.cancel()
      tasks.delete(task)
    }
    this.places.forEach(forget)
    URL.revokeObjectURL(this.url)
    this.root.remove()
    cards = cards.filter(card => card !== this)
    countTasks()
  }

  removeAndMoveFocus() {
    const neighbour = this.root.nextElementSibling ?? this.root.previousElementSibling
    this.remove()
    const next = neighbour?.querySelector("h3") ?? byID("files")
    next.focus()
  }
}

/** Arrow keys move among the items of a toolbar, which is one stop for the Tab key. */
function rove(bar, items) {
  items.forEach((item, index) => { item.tabIndex = index ? -1 : 0 })
  bar.addEventListener("focusin", event => {
    if (!items.includes(event.target)) return
    for (const item of items) item.tabIndex = item === event.target ? 0 : -1
  })
  bar.addEventListener("keydown", event => {
    const at = items.indexOf(event.target)
    const [before, after] = [at - 1, at + 1]
    const arrows = { ArrowRight: after, ArrowDown: after, ArrowLeft: before, ArrowUp: before }
    const to = { ...arrows, Home: 0, End: -1 }[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault()
    items.at(to % items.length).focus()
  })
}

async function copy(text, pressed) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    copyWithoutPermission(text)
    pressed.focus()
  }
  pressed.textContent = "Copied"
  announce("Copied.")
  setTimeout(() => { pressed.textContent = "Copy" }, 2000)
}

/** Browsers give the clipboard to https and to localhost only; a server in the house is often neither. */
function copyWithoutPermission(text) {
  const area = make("textarea", { value: text, className: "unseen" })
  document.body.append(area)
  area.select()
  document.execCommand("copy")
  area.remove()
}

// MARK: Pictures

function addPicture(file) {
  const card = new Card(file, "picture")
  const image = make("img", { alt: "", decoding: "async", loading: "lazy", src: card.url })
  card.stage = make("div", { className: "stage" }, image)
  image.onerror = () => replaceImage(card, image)
  const body = make("div", { className: "body" })
  const language = chosenLanguage()
  const task = new Task(file.name, "Caption", lanes.pictures, (signal, say) => {
    say({ text: "Looking" })
    return request(asking("v1/caption?top=3&attention=true", language), { method: "POST", file, signal, say })
  }, answer => showCaption(card, body, answer))
  card.tasks.push(task)
  body.append(card.title, task.panel, card.tools)
  card.root.append(card.stage, body)
  return card
}

/** HEIC, raw files and others are read by the server, but not by every browser. */
function replaceImage(card, image) {
  const text = make("span", { textContent: "This browser cannot show this kind of picture." })
  const name = image.alt || text.textContent
  card.blank = make("div", { className: "blank", role: "img", "aria-label": name }, text)
  image.replaceWith(card.blank)
}

function showCaption(card, body, answer) {
  const text = sentence(answer.caption)
  const image = card.stage.querySelector("img")
  if (image) image.alt = text
  else card.blank.setAttribute("aria-label", text)
  const light = new Light(card.stage, answer)
  const parts = [translated(answer), spokenWords(answer, light), sureness(answer), otherCaptions(answer), details(answer)]
  card.title.after(...parts.filter(Boolean))
  body.classList.toggle("unsure", Boolean(answer.tags))
  const copier = button("Copy", () => copy(text, copier), { "aria-describedby": card.title.id })
  card.tools.prepend(copier)
  return text
}

/** The caption in another language; null where it is English. */
function translated({ caption, english, language }) {
  return english ? make("p", { className: "caption", lang: language, textContent: sentence(caption) }) : null
}

/** The English caption, each word of it a button that lights up what the network looked at. */
function spokenWords({ caption, english, words = [] }, light) {
  const text = sentence(english ?? caption)
  const pieces = []
  const buttons = []
  let rest = text
  for (const word of words) {
    const at = rest.toLowerCase().indexOf(word.word.toLowerCase())
    if (at < 0) continue
    const item = make("button", { type: "button", className: "word" }, rest.slice(at, at + word.word.length))
    light.follow(item, word)
    buttons.push(item)
    pieces.push(rest.slice(0, at), item)
    rest = rest.slice(at + word.word.length)
  }
  const name = "Caption. Each word lights up what was looked at for it; the arrow keys move among them"
  const className = english ? "caption original" : "caption"
  const bar = make("div", { className, lang: "en", role: "toolbar", "aria-label": name }, ...pieces, rest)
  rove(bar, buttons)
  return bar
}

function sureness({ confidence, tags }) {
  if (typeof confidence !== "number") return null
  const word = tags ? "Unsure" : confidence >= 0.7 ? "Sure" : "Fairly sure"
  const others = tags?.length ? `; perhaps: ${tags.map(tag => tag.tag).join(", ")}` : ""
  const level = make("span", { className: "level", "aria-hidden": "true" }, make("span"))
  level.firstChild.style.width = percent(confidence)
  return make("p", { className: "sureness" }, level, `${word}, ${percent(confidence)}${others}`)
}

function otherCaptions({ caption, language, alternatives = [] }) {
  const texts = alternatives.map(other => other.caption).filter(other => other !== caption)
  if (!texts.length) return null
  const list = make("ul", { lang: language }, ...texts.map(text => make("li", { textContent: sentence(text) })))
  return make("div", { className: "others" }, make("p", { textContent: "Next best:" }), list)
}

function details({ width, height, milliseconds, model, damaged }) {
  const facts = [
    width && height ? `${width} × ${height}` : null,
    milliseconds ? `${Math.max(1, Math.round(milliseconds))} ms` : null,
    model,
    damaged ? "the file is damaged, and this is about what could be read" : null,
  ]
  return make("p", { className: "details", textContent: facts.filter(Boolean).join(" · ") })
}

// MARK: What the network looked at

/** Darkens a picture but for where a word was looked for. */
class Light {
  #stage
  #answer
  #canvas
  #label
  #hovered = null
  #focused = null

  constructor(stage, answer) {
    [this.#stage, this.#answer] = [stage, answer]
    this.#canvas = make("canvas", { className: "light", "aria-hidden": "true" })
    this.#label = make("span", { className: "looked", "aria-hidden": "true" })
    stage.append(this.#canvas, this.#label)
  }

  /** A word shows its light under the pointer, and with the focus; a touch gives it the focus. */
  follow(item, word) {
    item.addEventListener("pointerenter", () => { this.#hovered = word; this.#update() })
    item.addEventListener("pointerleave", () => { this.#hovered = null; this.#update() })
    item.addEventListener("focus", () => { this.#focused = word; this.#update() })
    item.addEventListener("blur", () => { this.#focused = null; this.#update() })
    item.addEventListener("click", () => item.focus())
    item.addEventListener("keydown", event => { if (event.key === "Escape") this.#hide() })
  }

  #hide() {
    [this.#hovered, this.#focused] = [null, null]
    this.#update()
  }

  #update() {
    const word = this.#hovered ?? this.#focused
    const isLit = Boolean(word?.attention && this.#answer.grid)
    this.#stage.classList.toggle("lit", isLit)
    if (!isLit) return
    this.#label.textContent = `${word.word} ${percent(word.probability)}`
    this.#draw(word.attention)
  }

  #draw(attention) {
    const { grid, width, height } = this.#answer
    const image = this.#stage.querySelector("img")
    const [wide, high] = image?.naturalWidth ? [image.naturalWidth, image.naturalHeight] : [width, height]
    const scale = 640 / Math.max(wide, high)
    const canvas = this.#canvas;
    [canvas.width, canvas.height] = [Math.round(wide * scale), Math.round(high * scale)]
    const side = Math.min(canvas.width, canvas.height)
    const [left, top] = [(canvas.width - side) / 2, (canvas.height - side) / 2]
    const context = canvas.getContext("2d")
    context.fillStyle = `rgb(8 10 14 / ${darkest})`
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.clearRect(left, top, side, side)
    context.drawImage(veil(attention, grid.rows, grid.columns), left, top, side, side)
    // The network sees the central square only: its edge tells that this is no mistake.
    context.strokeStyle = "rgb(255 255 255 / .3)"
    context.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1)
  }
}

const darkest = 0.76
const veilSide = 64

/** The grid as darkness, without edges between its cells: each cell is a bell curve. */
function veil(attention, rows, columns) {
  const down = bells(rows)
  const across = bells(columns)
  const heights = new Float64Array(veilSide * veilSide)
  let highest = 0
  for (let y = 0; y < veilSide; y += 1) {
    const line = new Float64Array(columns)
    attention.forEach((weight, cell) => {
      line[cell % columns] += weight * down[y][Math.floor(cell / columns)]
    })
    for (let x = 0; x < veilSide; x += 1) {
      const height = line.reduce((sum, weight, column) => sum + weight * across[x][column], 0)
      heights[y * veilSide + x] = height
      highest = Math.max(highest, height)
    }
  }
  return darkness(heights, highest)
}

/** For each place along a side, what the cells there weigh. */
function bells(count) {
  return Array.from({ length: veilSide }, (_, place) => {
    const at = (place + 0.5) / veilSide * count - 0.5
    const weights = Array.from({ length: count }, (_, cell) => Math.exp(-((cell - at) ** 2) / 0.72))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return weights.map(weight => weight / sum)
  })
}

function darkness(heights, highest) {
  const canvas = make("canvas", { width: veilSide, height: veilSide })
  const context = canvas.getContext("2d")
  const pixels = context.createImageData(veilSide, veilSide)
  heights.forEach((height, index) => {
    const dark = darkest * (1 - (height / (highest || 1)) ** 0.8)
    pixels.data.set([8, 10, 14, Math.round(255 * dark)], index * 4)
  })
  context.putImageData(pixels, 0, 0)
  return canvas
}

// MARK: Videos

const noPlayer = "This browser cannot play this kind of video. The results are shown all the same."

function addVideo(file) {
  const card = new Card(file, "video")
  card.player = make("video", { src: card.url, controls: true, playsInline: true, preload: "metadata" })
  card.player.setAttribute("aria-label", file.name)
  card.player.onerror = () => {
    card.player.replaceWith(make("p", { className: "blank", textContent: noPlayer }))
  }
  card.language = chosenLanguage()
  const story = videoPart(file, "Storyboard", asking("v1/summarize", card.language),
    job => showStory(card, story, file, job))
  const labels = videoPart(file, "What is being done", asking("v1/label?async=true&top=3", card.language),
    job => showLabels(card, labels, job))
  card.tasks.push(story.task, labels.task)
  card.root.append(
    make("div", { className: "head" }, card.title, card.tools),
    make("div", { className: "watch" }, card.player, labels.root), story.root)
  return card
}

function videoPart(file, title, path, show) {
  const work = (signal, say) => runJob(path, file, signal, say)
  const task = new Task(file.name, title, lanes.videos, work, show)
  const root = make("div", { className: "part" }, make("h4", { textContent: title }), task.panel)
  return { root, task }
}

function seek(card, time) {
  if (!card.player.isConnected) return
  // A key frame's time is rounded, and may otherwise be that of the frame before it.
  card.player.currentTime = time + 0.001
}

/** Tells which of the stretches is being played, as playing or seeking goes on. */
function whilePlaying(card, stretches, tell) {
  let last
  const update = () => {
    const now = card.player.currentTime
    const current = stretches.findLast(stretch => stretch.start <= now + 0.002)
    if (current !== last) tell(current)
    last = current
  }
  for (const name of ["timeupdate", "seeking"]) card.player.addEventListener(name, update)
  update()
}

// MARK: Labels on a timeline

function showLabels(card, part, { place, result }) {
  // Nothing of it stays with the server but what is here.
  forget(place)
  if (!result.segments.length) {
    part.root.append(make("p", { className: "details", textContent: "Nothing that is done was recognized." }))
    return "nothing that is done was recognized."
  }
  const readout = make("p", { className: "readout" })
  const tell = segment => { readout.replaceChildren(...readoutParts(segment)) }
  const bands = result.segments.map(segment => band(card, segment, result.duration, tell))
  const head = make("div", { className: "playhead", "aria-hidden": "true" })
  const bar = make("div", {
    className: "timeline", role: "toolbar",
    "aria-label": "Timeline; the arrow keys move, and Enter goes there",
  }, ...bands, head)
  rove(bar, bands)
  const move = () => { head.style.left = percent1(card.player.currentTime / result.duration) }
  for (const name of ["timeupdate", "seeking"]) card.player.addEventListener(name, move)
  part.root.append(bar, readout)
  whilePlaying(card, result.segments, segment => tell(segment ?? result.segments[0]))
  const count = many(result.segments.length, "stretch", "stretches")
  return `${count} on the timeline; first ${bandName(result.segments[0])}.`
}

const percent1 = share => `${Math.min(Math.max(share * 100, 0), 100).toFixed(2)}%`

function bandName(segment) {
  const best = segment.labels[0]
  if (segment.still || !best) return "nothing moves"
  return segment.confident ? best.label : `perhaps ${best.label}`
}

/** The same label has the same colour everywhere. */
const hue = text => [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7)

function band(card, segment, duration, tell) {
  const name = bandName(segment)
  const times = `${clock(segment.start)} to ${clock(segment.end)}`
  const isQuiet = segment.still || !segment.confident
  const item = make("button", {
    type: "button", className: isQuiet ? "band faint" : "band", title: `${times}: ${name}`,
    "aria-label": `${name}, ${times}`,
  }, make("span", { textContent: name }))
  item.style.left = percent1(segment.start / duration)
  item.style.width = percent1((segment.end - segment.start) / duration)
  if (!isQuiet) item.style.setProperty("--hue", hue(segment.labels[0].label))
  item.addEventListener("click", () => seek(card, segment.start))
  for (const event of ["pointerenter", "focus"]) item.addEventListener(event, () => tell(segment))
  return item
}

function readoutParts(segment) {
  const time = make("time", { textContent: `${clock(segment.start)}–${clock(segment.end)}` })
  const labels = segment.still ? [] : segment.labels
  const texts = labels.map(({ label, probability }) => `${label} ${percent(probability)}`)
  const best = make(segment.confident ? "strong" : "em", { textContent: texts[0] ?? "nothing moves" })
  return [time, " ", best, texts.length > 1 ? ` · ${texts.slice(1).join(" · ")}` : ""]
}

// MARK: The storyboard

function showStory(card, part, file, { place, result }) {
  card.places.push(place)
  const frames = []
  const groups = chaptersOf(result).map(chapter => chapterPart(card, place, chapter, frames))
  const list = make("div", { className: "story", lang: card.language }, ...groups)
  part.root.append(list, downloads(place, file, result.files ?? []))
  addSubtitles(card, frames, result.duration)
  whilePlaying(card, frames, current => {
    for (const { item } of frames) item.removeAttribute("aria-current")
    current?.item.setAttribute("aria-current", "true")
    if (current && !list.matches(":hover, :focus-within")) bringIntoView(list, current.item)
  })
  return `${many(result.shots.length, "shot")} in ${many(groups.length, "chapter")}.`
}

/** Scrolls the list alone: the page stays where it is while a video plays. */
function bringIntoView(list, item) {
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()]
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top
  if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom
}

/** The player offers the key frames' captions as subtitles, which are off until they are chosen. */
function addSubtitles(card, frames, duration) {
  const track = card.player.addTextTrack("subtitles", "What is seen", card.language)
  frames.forEach(({ start, item }, index) => {
    const end = frames[index + 1]?.start ?? duration
    track.addCue(new VTTCue(start, end, item.querySelector("span").textContent))
  })
}

/** Chapters with their shots; a summary without chapters is one. */
function chaptersOf({ shots, chapters = [], duration }) {
  const all = chapters.length ? chapters : [{ start: 0, end: duration, title: "" }]
  const held = all.map(chapter => ({ ...chapter, shots: [] }))
  for (const shot of shots) {
    const home = held.findLast(chapter => chapter.start <= shot.start + 0.001) ?? held[0]
    home.shots.push(shot)
  }
  return held
}

function chapterPart(card, place, { start, title, shots }, frames) {
  const items = shots.flatMap(shot => shot.keyframes.map((frame, index) => {
    const item = frameButton(card, place, frame)
    // The first stands for its shot from the start on, wherever in it it lies.
    frames.push({ start: index ? frame.time : shot.start, item })
    return make("li", {}, item)
  }))
  const head = button("", () => seek(card, start), { className: "chapter" })
  head.append(make("time", { textContent: clock(start) }), " ", sentence(title || "Start").slice(0, -1))
  return make("section", {}, make("h5", {}, head), make("ol", {}, ...items))
}

/** Below it a caption is a guess; key frames and the catalogue do not tell their model's own limit. */
const sureFrame = 0.4

function frameButton(card, place, { time, file, caption, confidence }) {
  const said = sentence(caption)
  const picture = make("img", { alt: said, loading: "lazy", src: withToken(`${place}/${file}`) })
  const text = make("span", { "aria-hidden": "true", textContent: said })
  const className = confidence < sureFrame ? "frame unsure" : "frame"
  return make("button", { type: "button", className, onclick: () => seek(card, time) }, picture, 
    make("time", { textContent: clock(time) }), " ", text)
}

/** What the names of a summary's files say to people; others, the key frames, are in the archive. */
const fileTexts = {
  "summary.zip": "Everything (ZIP)", "chapters.vtt": "Chapters (VTT)", "captions.srt": "Subtitles (SRT)",
  "summary.json": "Data (JSON)",
}

function downloads(place, file, files) {
  const stem = file.name.replace(/\.[^.]*$/, "")
  const links = Object.keys(fileTexts).filter(name => files.includes(name)).map(name => make("a", {
    href: withToken(`${place}/${name}`), download: `${stem}-${name}`, textContent: fileTexts[name],
  }))
  if (files.includes("index.html")) {
    const href = withToken(`${place}/index.html`)
    links.unshift(make("a", { href, target: "_blank", rel: "noopener", textContent: "Storyboard as a page" }))
  }
  const items = links.map(link => make("li", {}, link))
  return make("ul", { className: "downloads", "aria-label": "Downloads" }, ...items)
}

// MARK: Languages

const languageNames = { en: "English", de: "Deutsch", fr: "Français", cs: "Čeština", pt: "Português" }

/** What captions of the files that come next are to be in. */
const chosenLanguage = () => byID("language").value || "en"

const asking = (path, language) =>
  (language === "en" ? path : `${path}${path.includes("?") ? "&" : "?"}language=${language}`)

function offerLanguages(languages) {
  let last = "en"
  try { last = localStorage.getItem("language") ?? "en" } catch { /* nothing is kept */ }
  byID("language").replaceChildren(...languages.map(value =>
    make("option", { value, lang: value, textContent: languageNames[value] ?? value, selected: value === last })))
  byID("tongue").hidden = languages.length < 2
}

byID("language").addEventListener("change", event => {
  try { localStorage.setItem("language", event.target.value) } catch { /* asked for again next time */ }
})

// MARK: Files in

const videoNames = /\.(mp4|m4v|mov|mkv|webm|avi|ts|mts|m2ts|mpe?g|wmv|flv|ogv|3gp)$/i

const isVideo = file => file.type.startsWith("video/") || videoNames.test(file.name)

/** The newest stand first, in the order in which they were given. */
function add(files) {
  if (!files.length) return
  isDeclined = false
  learn()
  const added = [...files].map(file => (isVideo(file) ? addVideo(file) : addPicture(file)))
  byID("items").prepend(...added.map(card => card.root))
  countTasks()
  announce(`${many(added.length, "file")} added.`)
}

for (const id of ["files", "camera"]) {
  byID(id).addEventListener("change", event => {
    add(event.target.files)
    event.target.value = ""
  })
}

addEventListener("paste", event => {
  if (event.clipboardData?.files.length) add(event.clipboardData.files)
})

/** Dragging over children leaves an element and enters it again: the depth tells when it is left for good. */
let depth = 0

function drag(change, event) {
  if (!event.dataTransfer?.types.includes("Files")) return
  event.preventDefault()
  depth = Math.max(0, depth + change)
  document.body.classList.toggle("dragging", depth > 0)
}

addEventListener("dragenter", event => drag(1, event))
addEventListener("dragleave", event => drag(-1, event))
addEventListener("dragover", event => drag(0, event))
addEventListener("drop", async event => {
  drag(-depth, event)
  add(await droppedFiles(event.dataTransfer))
})

/** Folders that are dropped give the files in them. */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean)
  if (!entries.some(entry => entry.isDirectory)) return transfer.files
  return (await Promise.all(entries.map(filesUnder))).flat()
}

async function filesUnder(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))]
  const reader = entry.createReader()
  const found = []
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return found
    found.push(...(await Promise.all(some.map(filesUnder))).flat())
  }
}

byID("cancel-all").addEventListener("click", () => {
  tasks.forEach(task => task.cancel())
  byID("results").focus()
})
byID("clear").addEventListener("click", () => {
  cards.forEach(card => card.remove())
  byID("files").focus()
})

// MARK: The token's dialog

byID("token-form").addEventListener("submit", event => {
  event.preventDefault()
  byID("token-dialog").close(byID("token").value.trim())
})
byID("token-cancel").addEventListener("click", () => byID("token-dialog").close(""))

// MARK: The catalogue

let searching
let typing

async function search(words) {
  searching?.abort()
  searching = new AbortController()
  const { signal } = searching
  if (!words) return showHits(null)
  try {
    const path = `v1/library/search?q=${encodeURIComponent(words)}&limit=40`
    showHits((await request(path, { signal })).results)
  } catch (error) {
    if (signal.aborted) return
    showHits([], error instanceof ServerError ? sentence(error.message) : "The search failed.")
  }
}

function showHits(results, failure) {
  byID("found").hidden = !results
  if (!results) return
  const found = results.length ? `${many(results.length, "picture")} found.` : "No picture was found."
  const text = failure ?? found
  byID("found-title").textContent = text
  byID("hits").replaceChildren(...results.map(hit))
  announce(text)
}

function hit({ content, path, caption, confidence }) {
  const source = withToken(`v1/library/thumbnail/${encodeURIComponent(content)}`)
  const picture = make("img", { alt: caption, loading: "lazy", src: source })
  picture.onerror = () => {
    picture.replaceWith(make("div", { className: "blank", role: "img", "aria-label": caption }))
  }
  const said = make("span", { textContent: sentence(caption), "aria-hidden": "true" })
  const name = make("small", { textContent: path.split("/").pop(), title: path })
  return make("li", { className: confidence < sureFrame ? "unsure" : "" }, picture, said, name)
}

const searchAtOnce = () => { clearTimeout(typing); search(byID("words").value.trim()) }

byID("words").addEventListener("input", () => {
  clearTimeout(typing)
  typing = setTimeout(searchAtOnce, 250)
})
byID("search-form").addEventListener("submit", event => { event.preventDefault(); searchAtOnce() })
byID("close-search").addEventListener("click", () => {
  byID("words").value = ""
  searchAtOnce()
  byID("words").focus()
})
addEventListener("keydown", event => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.closest?.("input, textarea, dialog") || byID("search").hidden) return
  event.preventDefault()
  byID("words").focus()
})

let isLearned = false

/** What goes wrong here is told by the first file that is sent, where it can be read. */
async function learn() {
  if (isLearned) return
  try {
    const { library, models } = await request("v1/models")
    byID("search").hidden = !library
    offerLanguages(models.find(model => model.kind === "caption")?.languages ?? ["en"])
    isLearned = true
  } catch { /* tried again with the next files */ }
}

learn()
